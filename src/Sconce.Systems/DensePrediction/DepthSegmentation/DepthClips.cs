using System.Globalization;
using Sconce.Data;
using Sconce.Imaging;

namespace Sconce.Systems.DensePrediction.DepthSegmentation;

/// <summary>A frame with the ones that it is compared with.</summary>
/// <param name="Before">The earlier frame's file.</param>
/// <param name="Frame">The frame's file.</param>
/// <param name="After">The later frame's file.</param>
/// <param name="Camera">That took them.</param>
internal sealed record FrameTriple(string Before, string Frame, string After, Camera Camera);

/// <summary>
/// What depth is learned from: clips and folders of frames, each frame with one before and one after it, as far apart as the camera's
/// motion asks for. The last frames of every sequence are held out.
/// </summary>
/// <param name="Learned">To learn from.</param>
/// <param name="HeldOut">To be asked about.</param>
/// <param name="Width">To which frames are brought.</param>
/// <param name="Height">To which frames are brought.</param>
internal sealed record DepthClips(IReadOnlyList<FrameTriple> Learned, IReadOnlyList<FrameTriple> HeldOut, int Width, int Height)
{
    private const int MostGap = 8, Looked = 12, Thumb = 48;

    /// <summary>Mean differences of grey in [0, 1]: under the first frames are too alike, under the second nothing moves at all.</summary>
    private const double Alike = 0.02, Still = 0.002;

    /// <summary>What a person should know of the data, a sentence each.</summary>
    internal IReadOnlyList<string> Remarks { get; init; } = [];

    /// <summary>Makes triples of sequences.</summary>
    /// <param name="sequences">In the order of time each.</param>
    /// <param name="root">The data's folder, where lenses are looked for.</param>
    /// <param name="settings">Gap and focal length, where they are set.</param>
    /// <param name="side">Of the shorter side that the network sees.</param>
    /// <param name="validation">The share of each sequence that is held out.</param>
    /// <exception cref="DataException">No sequence is of use.</exception>
    internal static DepthClips Of(
        IReadOnlyList<FrameSequence> sequences, string root, DepthTrainingSettings settings, int side, double validation)
    {
        List<FrameTriple> learned = [], held = [];
        List<string> remarks = [];
        var first = Image.ReadInfo(sequences[0].Files[0]);
        var (width, height) = StreetNetwork.SeenSize(first.Width, first.Height, side);
        int guessed = 0;
        foreach (var sequence in sequences)
        {
            int gap = settings.Gap ?? GapOf(sequence);
            if (gap == 0)
            {
                remarks.Add($"{sequence.Name}: nothing moves in it: depth cannot be learned from a camera that stands still, so it "
                    + $"is left out");
                continue;
            }

            var size = Image.ReadInfo(sequence.Files[0]);
            var (across, down) = sequence.Original ?? (size.Width, size.Height);
            var camera = CameraFile.Of(sequence, root, across, down);
            if (camera is null) guessed++;
            camera ??= new Camera(settings.Focal, settings.Focal * across / down, 0.5, 0.5);
            var triples = new List<FrameTriple>();
            for (int k = gap; k + gap < sequence.Files.Count; k++)
            {
                triples.Add(new FrameTriple(sequence.Files[k - gap], sequence.Files[k], sequence.Files[k + gap], camera));
            }

            if (triples.Count < 2)
            {
                remarks.Add($"{sequence.Name}: {sequence.Files.Count} frames are too few, so it is left out");
                continue;
            }

            int kept = Math.Clamp((int)Math.Round(triples.Count * validation), 1, triples.Count - 1);
            learned.AddRange(triples[..^kept]);
            held.AddRange(triples[^kept..]);
            if (gap > 1) remarks.Add($"{sequence.Name}: it moves slowly, so frames are compared that are {gap} apart");
        }

        if (guessed > 0)
        {
            string focal = settings.Focal.ToString(CultureInfo.InvariantCulture);
            remarks.Add(
                $"{guessed} of {sequences.Count} sequences have no intrinsics.txt: a focal length of {focal} of the width is taken");
        }

        if (learned.Count == 0) throw new DataException(root, string.Join(". ", (string[])["nothing can be learned from it", .. remarks]));
        return new DepthClips(learned, held, width, height) { Remarks = remarks };
    }

    /// <summary>How far apart frames are different enough; 0 where nothing moves however far apart they are.</summary>
    private static int GapOf(FrameSequence sequence)
    {
        int count = sequence.Files.Count;
        if (count < 3) return 1;
        for (int gap = 1; gap <= MostGap; gap *= 2)
        {
            if (count < (2 * gap) + 3) return gap / 2 > 0 ? gap / 2 : 1;
            double difference = Difference(sequence, gap);
            if (difference >= Alike || (gap == MostGap && difference >= Still)) return gap;
        }

        return 0;
    }

    private static double Difference(FrameSequence sequence, int gap)
    {
        double sum = 0;
        int step = Math.Max(1, (sequence.Files.Count - gap) / Looked), looked = 0;
        for (int k = 0; k + gap < sequence.Files.Count; k += step, looked++)
        {
            float[] one = Small(sequence.Files[k]), other = Small(sequence.Files[k + gap]);
            sum += one.Zip(other, (a, b) => Math.Abs(a - b)).Average();
        }

        return sum / looked;
    }

    private static float[] Small(string file)
    {
        var grey = Image.Load(file).To8Bit().ToRgb(Rgb.White).ToGray().Resize(Thumb, Thumb, ResizeFilter.Bilinear);
        var values = new float[Thumb * Thumb];
        grey.CopyTo(values);
        return values;
    }
}
