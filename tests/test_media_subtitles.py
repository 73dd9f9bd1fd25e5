"""Subtitles: beside a film or inside it, in any encoding, clean and on the media's clock."""
import warnings

import av
import numpy as np
import pytest

from vmm_lab import MediaError, load_table, open_media, write_video
from vmm_lab.media.subtitles import MOST_BYTES, plain, read_srt

SRT = "1\n00:00:00,500 --> 00:00:01,250\n<i>Grüß</i> Gott,\n{\\an8}Mina!\n\n2\n00:01:02,000 --> 01:00:03,004 X1:40 X2:600\n<font color=\"#fff\">Bye &amp; so</font>\n"
CUES = [(0.5, 1.25, "Grüß Gott, Mina!"), (62.0, 3603.004, "Bye & so")]


@pytest.fixture
def film(tmp_path):
    return write_video(tmp_path / "a film.mp4", np.full((50, 48, 64, 3), 128, np.uint8), fps=25)


def cues(film, **options):
    return [tuple(row) for row in open_media(film).subtitles(**options).values.tolist()]


def packed(film, target, *texts, delay=0.0, language=None):
    """A Matroska film with these .srt texts as tracks inside it; its pictures begin `delay` seconds into the file's own time."""
    with av.open(str(target), "w") as output, av.open(str(film)) as pictures:
        video = output.add_stream_from_template(pictures.streams.video[0])
        tracks = []
        for number, text in enumerate(texts):
            path = target.with_name(f"track{number}.txt")
            path.write_text(text, encoding="utf-8")
            tracks.append(av.open(str(path), format="srt"))
            stream = output.add_stream_from_template(tracks[-1].streams[0])
            stream.metadata["language"] = language or ("eng", "deu")[number]
            packets = [packet for packet in tracks[-1].demux() if packet.dts is not None]
            for packet in packets:
                packet.stream = stream
                packet.pts = packet.dts = packet.pts + round(delay / packet.time_base)
            tracks[-1] = (tracks[-1], packets)
        for _, packets in tracks:
            output.mux(packets)
        for packet in pictures.demux(pictures.streams.video[0]):
            if packet.dts is not None:
                packet.pts, packet.dts = (stamp + round(delay / packet.time_base) for stamp in (packet.pts, packet.dts))
                packet.stream = video
                output.mux(packet)
        for track, _ in tracks:
            track.close()
    return target


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_file_beside_the_film_is_read_in_every_usual_encoding(film, encoding, newline):
    film.with_suffix(".srt").write_bytes(SRT.replace("\n", newline).encode(encoding))
    assert cues(film) == CUES


def test_they_come_as_a_table_of_seconds_and_text(film):
    film.with_suffix(".srt").write_text(SRT, encoding="utf-8")
    table = open_media(film).subtitles()
    assert table.columns.tolist() == ["start", "end", "text"] and table["start"].dtype == table["end"].dtype == np.float64


@pytest.mark.parametrize("text, clean", [
    ("<b>x</b> < y", "x < y"), ("{\\an8}up {left}", "up {left}"), ("a\n  b\tc", "a b c"), ("1 &lt; 2", "1 < 2"), ("<i></i>", ""), ("跌 <U>倒</U>", "跌 倒"),
])
def test_markup_goes_and_what_only_looks_like_it_stays(text, clean):
    assert plain(text) == clean


def test_blocks_without_numbers_or_empty_lines_are_read_and_sorted(tmp_path):
    path = tmp_path / "loose.srt"
    path.write_text("00:05.5 --> 00:06.25\nthird\n2\n00:00:03,000-->00:00:04,000\nsecond\n\nand more\n1\n0:0:1,0 --> 0:0:2,5\nfirst\n\n9\n0:0:7,0 --> 0:0:8,0\n\n")
    assert read_srt(path) == [(1.0, 2.5, "first"), (3.0, 4.0, "second and more"), (5.5, 6.25, "third")]


def test_a_bad_block_is_left_out_with_a_warning_that_names_its_line(film):
    film.with_suffix(".srt").write_text(SRT + "\n3\n00:00:xx --> never\nlost\n\n4\n00:00:09,000 --> 00:00:08,000\nbackwards\n", encoding="utf-8")
    with pytest.warns(UserWarning, match=r"a film\.srt: left out .* \(line 11 and 1 more\); the other 2 are there"):
        assert cues(film) == CUES


@pytest.mark.parametrize("data", [b"", b"no subtitles at all", b"\x00\x01\x02" * 99, b"1\n--> -->\nlost\n", bytes(range(256)) * 20])
def test_a_file_that_holds_none_gets_one_sentence(film, data):
    film.with_suffix(".srt").write_bytes(data)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(MediaError, match=r"a film\.srt: holds no subtitles; each wants a line like 00:00:01,000 -->"):
            cues(film)


def test_an_enormous_file_is_not_read_into_memory(film):
    with open(film.with_suffix(".srt"), "wb") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(MediaError, match="larger than 16 MB"):
        cues(film)


def test_the_language_chooses_among_files(film):
    for name, word in (("a film.srt", "plain"), ("a film.de.srt", "deutsch"), ("a film.pt-BR.srt", "português"), ("a film.take2.srt", "another film's")):
        (film.parent / name).write_text(f"0:0:1,0 --> 0:0:2,0\n{word}\n", encoding="utf-8")
    assert [cues(film, language=language)[0][2] for language in (None, "de", "PT-br")] == ["plain", "deutsch", "português"]
    with pytest.raises(MediaError, match="has no subtitles in 'fr'; there are de, pt-br"):
        cues(film, language="fr")
    film.with_suffix(".srt").unlink()
    assert cues(film)[0][2] == "deutsch"


def test_a_track_inside_the_file_is_read_on_the_medias_clock(film, tmp_path):
    for delay in (0.0, 7.0):
        inside = packed(film, tmp_path / f"inside{delay:g}.mkv", SRT, SRT.replace("Bye", "Ade"), delay=delay)
        found = cues(inside)
        assert [text for *_, text in found] == [text for *_, text in CUES]
        assert np.allclose([found[0][:2], found[1][:2]], [CUES[0][:2], CUES[1][:2]], atol=2e-3), delay
        assert cues(inside, language="deu")[1][2] == "Ade & so"
    with pytest.raises(MediaError, match="has no subtitles in 'fra'; there are deu, eng"):
        cues(inside, language="fra")


def test_a_file_beside_goes_before_the_track_inside(film, tmp_path):
    inside = packed(film, tmp_path / "both.mkv", SRT)
    inside.with_suffix(".srt").write_text("0:0:0,0 --> 0:0:1,0\nmine\n")
    assert cues(inside) == [(0.0, 1.0, "mine")] and cues(inside, language="eng")[0][2] == CUES[0][2]


def test_without_subtitles_the_sentence_says_what_to_add(film):
    with pytest.raises(MediaError, match=r"has no subtitles; put them next to it as text, named a film\.srt\."):
        cues(film)


def test_a_folder_takes_subtitles_beside_its_films_as_captions(film, tmp_path):
    other = write_video(tmp_path / "other.mp4", np.zeros((4, 48, 64, 3), np.uint8), fps=4)
    assert "caption" not in load_table(tmp_path)
    film.with_suffix(".srt").write_text(SRT, encoding="utf-8")
    table = load_table(tmp_path).set_index("path")
    assert table.loc[str(film), "caption"] == "Grüß Gott, Mina! Bye & so" and not isinstance(table.loc[str(other), "caption"], str)
    other.with_suffix(".srt").write_text("nothing")
    with pytest.warns(UserWarning, match="holds no subtitles.*; the row has no caption"):
        assert load_table(tmp_path)["caption"].notna().sum() == 1
