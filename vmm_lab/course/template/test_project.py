"""Test that the table is sound and that the feature runs: `python -m unittest`, or pytest."""
import unittest
from pathlib import Path

import numpy as np
from feature import MyFeature

import vmm_lab as vl

TABLE = Path(__file__).with_name("videos.csv")


class ProjectTest(unittest.TestCase):
    """Test the table and the feature."""

    def test_every_video_opens_and_has_frames(self):
        for path in vl.load_table(TABLE)["path"]:
            with vl.open_media(path) as media:
                self.assertEqual(len(media.sample(2)[0]), 2, path)

    def test_every_class_has_videos_of_several_groups(self):
        # With one group alone, nothing of a class can be tested on somebody who was not trained on.
        groups = vl.load_table(TABLE).groupby("label")["group"].nunique()
        self.assertGreaterEqual(groups.min(), 2)

    def test_the_feature_describes_every_row_by_finite_numbers(self):
        table = vl.load_table(TABLE)
        described = vl.extract(table, MyFeature(), progress=False)
        self.assertEqual(len(described), len(table))
        self.assertTrue(np.isfinite(described).all())


if __name__ == "__main__":
    unittest.main()
