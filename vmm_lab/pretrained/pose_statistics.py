"""Describe how the people in a video move, by the points that BlazePose finds of the largest of them."""
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vmm_lab import features
from vmm_lab.features.segment import Segment
from vmm_lab.media import MediaError, open_media
from vmm_lab.media.options import check_whole
from vmm_lab.pretrained.pose import find_poses, follow_poses, largest_person

LONGEST = 640  # pixels: larger frames are shrunk first


@dataclass(kw_only=True, eq=False, repr=False)
class PoseStatistics(features.PoseStatistics):
    """Represent how a body moves, as `features.PoseStatistics` does, also of the people in pictures.

    Of a video the person is followed whose regions are the largest, over `n_frames` frames that are spread evenly over
    the segment; of a picture the largest person counts. Where BlazePose finds nobody, the row has no poses. A .npy file
    is read as it is. Raises AssetError where the weights cannot be fetched.
    """

    assets = ("pose_detection", "pose_landmark")
    version = 3
    least_share = 0.2  # of rows with people, below which a comparison has no row of poses
    sentence = (f"{features.PoseStatistics.sentence} In pictures they are the 17 points of the largest person that "
                "BlazePose finds.")

    n_frames: int = 16

    def check_options(self) -> None:
        super().check_options()
        check_whole("PoseStatistics", n_frames=self.n_frames)

    def read(self, segment: Segment) -> NDArray[np.float64]:
        """Return float64 (T, joints, 2 or 3), NaN where a joint is missing; MediaError where nobody is found."""
        with open_media(segment.path) as media:
            if media.has_poses:
                return super().read(segment)
            shrink = min(1.0, LONGEST / max(media.size))
            height, width = (max(1, round(side * shrink)) for side in media.size)
            count = 1 if media.is_image else self.n_frames
            frames = media.sample(count, size=(height, width), start=segment.start, end=segment.end)[0]
            found = [find_poses(frames[0], turned=False)] if media.is_image else list(follow_poses(frames))
        poses = largest_person(found)[..., :2] / shrink
        if not np.isfinite(poses).any():
            raise MediaError(f"{segment.path}: nobody is found in {count} frame{'s' * (count > 1)} of it.")
        return poses
