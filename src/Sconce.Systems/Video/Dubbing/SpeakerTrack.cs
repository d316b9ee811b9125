using Sconce.Imaging;
using Sconce.Video;

namespace Sconce.Systems.Video.Dubbing;

/// <summary>
/// Where one speaker's face is, frame by frame. Between two boxes less than a second apart it moves straight; elsewhere it is not seen.
/// Boxes are smoothed over neighbouring frames, by less the faster the face moves, so that the mouth does not lag behind.
/// </summary>
internal sealed class SpeakerTrack
{
    private const double Bridged = 1;   // seconds
    private const int Reach = 3;        // frames to either side
    private const double Near = 0.04;   // of the box's width: what is farther away hardly counts

    private readonly TrackBox[] boxes;
    private readonly double mostFrames;

    private SpeakerTrack(TrackBox[] boxes, double rate) => (this.boxes, mostFrames) = (boxes, Math.Max(1, Bridged * rate));

    /// <summary>Reads a tracker's file.</summary>
    /// <param name="path">MOT's text or JSON lines, frames from 1: what <c>sconce track</c> writes, or a person's own.</param>
    /// <param name="speaker">The object's number; needed where there are several.</param>
    /// <param name="rate">Frames a second of the clip.</param>
    /// <exception cref="VideoException">The file is damaged.</exception>
    /// <exception cref="SettingsException">The speaker is not in it, or not said.</exception>
    public static SpeakerTrack Read(string path, int? speaker, double rate)
    {
        var all = TrackFile.Read(path);
        int[] known = [.. all.CountBy(box => box.Id).OrderByDescending(one => one.Value).Select(one => one.Key)];
        if (known.Length == 0) throw new VideoException(path, "no boxes are in it");
        string longest = string.Join(", ", known.Take(5));
        if (speaker is null && known.Length > 1)
        {
            throw new SettingsException(
                "speaker", called => $"{path} follows {known.Length} objects: name one with {called}, such as {longest}");
        }

        int id = speaker ?? known[0];
        TrackBox[] own = [.. all.Where(box => box.Id == id)];
        if (own.Length == 0)
            throw new SettingsException("speaker", called => $"{called} {id}: {path} follows {longest}");
        if (own.Zip(own.Skip(1)).FirstOrDefault(pair => pair.First.Frame == pair.Second.Frame) is { First.Frame: > 0 } twice)
            throw new VideoException(path, $"the speaker has two boxes in frame {twice.First.Frame}");
        return new SpeakerTrack(own, rate);
    }

    /// <summary>The face in a frame, cut at the frame's edges; null where it is not seen.</summary>
    /// <param name="number">Of the frame, from 0.</param>
    /// <param name="width">Of the frame.</param>
    /// <param name="height">Of the frame.</param>
    public PixelBox? At(long number, int width, int height)
    {
        if (Raw(number) is not { } own) return null;
        double sum = 0, left = 0, top = 0, right = 0, bottom = 0;
        for (long other = number - Reach; other <= number + Reach; other++)
        {
            if (Raw(other) is not { } box) continue;
            double away = double.Hypot(box.Left + box.Right - own.Left - own.Right, box.Top + box.Bottom - own.Top - own.Bottom) / 2;
            double weight = Math.Exp(-Math.Pow(away / Math.Max(1, Near * (own.Right - own.Left)), 2));
            sum += weight;
            (left, top) = (left + (weight * box.Left), top + (weight * box.Top));
            (right, bottom) = (right + (weight * box.Right), bottom + (weight * box.Bottom));
        }

        var (x, y) = ((int)Math.Round(Math.Clamp(left / sum, 0, width)), (int)Math.Round(Math.Clamp(top / sum, 0, height)));
        var (x2, y2) = ((int)Math.Round(Math.Clamp(right / sum, 0, width)), (int)Math.Round(Math.Clamp(bottom / sum, 0, height)));
        return x2 - x > 1 && y2 - y > 1 ? new PixelBox(x, y, x2, y2) : null;
    }

    /// <summary>The file's box, or between two of them.</summary>
    private (double Left, double Top, double Right, double Bottom)? Raw(long number)
    {
        long frame = number + 1;
        int low = 0, high = boxes.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (boxes[middle].Frame < frame) low = middle + 1;
            else high = middle;
        }

        if (low < boxes.Length && boxes[low].Frame == frame) return Edges(boxes[low]);
        if (low == 0 || low == boxes.Length || boxes[low].Frame - boxes[low - 1].Frame > mostFrames) return null;
        var (before, after) = (Edges(boxes[low - 1]), Edges(boxes[low]));
        double share = (double)(frame - boxes[low - 1].Frame) / (boxes[low].Frame - boxes[low - 1].Frame);
        double Between(double from, double to) => from + ((to - from) * share);
        return (
            Between(before.Left, after.Left), Between(before.Top, after.Top), Between(before.Right, after.Right),
            Between(before.Bottom, after.Bottom));

        static (double Left, double Top, double Right, double Bottom) Edges(in TrackBox box) =>
            (box.Left, box.Top, box.Left + box.Width, box.Top + box.Height);
    }
}
