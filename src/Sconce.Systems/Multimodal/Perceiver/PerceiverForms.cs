using Sconce.Abilities;
using Sconce.Data;
using Sconce.Video;

namespace Sconce.Systems.Multimodal.Perceiver;

/// <summary>
/// Sounds as a Perceiver reads them: so many samples at a rate, from the middle, or from a drawn place and a little louder or softer.
/// </summary>
/// <param name="samples">Of an input.</param>
/// <param name="rate">Samples a second.</param>
internal sealed class SoundForm(int samples, int rate) : FileForm
{
    private const double Quietest = 0.5, Loudest = 1.5;

    public override string Plural => "sounds";

    /// <summary>Sounds, and clips for the sake of theirs.</summary>
    public override bool Fits(string path) => InputKind.Sound.Fits(path) || InputKind.Clip.Fits(path);

    public override (float[] Values, IReadOnlyList<long> Shape) Read(string path)
    {
        float[] sound = SoundSamples.Read(path, rate);
        return (Part(sound, Math.Max(0, sound.Length - samples) / 2, 1), [samples]);
    }

    public override (float[] Values, IReadOnlyList<long> Shape) Draw(string path, ref AugmentationRandom random)
    {
        float[] sound = SoundSamples.Read(path, rate);
        int start = random.Next(Math.Max(0, sound.Length - samples) + 1);
        return (Part(sound, start, (float)random.Uniform(Quietest, Loudest)), [samples]);
    }

    /// <summary>The stretches of a sound that are asked about one by one: as many as fill it, at least one.</summary>
    internal IEnumerable<float[]> Parts(string path, int most)
    {
        float[] sound = SoundSamples.Read(path, rate);
        int count = Math.Clamp((sound.Length + samples - 1) / samples, 1, most), room = Math.Max(0, sound.Length - samples);
        for (int k = 0; k < count; k++) yield return Part(sound, count == 1 ? room / 2 : (int)((long)room * k / (count - 1)), 1);
    }

    /// <summary>A stretch; silence behind one that is too short.</summary>
    private float[] Part(float[] sound, int start, float loudness)
    {
        float[] part = new float[samples];
        for (int k = 0; k < Math.Min(samples, sound.Length - start); k++) part[k] = sound[start + k] * loudness;
        return part;
    }
}

/// <summary>
/// Points as a Perceiver reads them: so many, drawn or evenly picked, around their centre, the farthest at 1; 2103.03206 §4.3.
/// </summary>
/// <param name="points">Of an input.</param>
internal sealed class PointForm(int points) : FileForm
{
    private const double Least = 0.99, Most = 1.01;

    public override string Plural => "point clouds";

    public override bool Fits(string path) => InputKind.Points.Fits(path);

    public override (float[] Values, IReadOnlyList<long> Shape) Read(string path)
    {
        float[] all = PointFile.Read(path);
        int count = all.Length / 3;
        return (Centred(all, [.. Enumerable.Range(0, points).Select(k => (int)((long)k * count / points))]), [points, 3]);
    }

    public override (float[] Values, IReadOnlyList<long> Shape) Draw(string path, ref AugmentationRandom random)
    {
        float[] all = PointFile.Read(path);
        int[] chosen = new int[points];
        for (int k = 0; k < points; k++) chosen[k] = random.Next(all.Length / 3);
        float[] values = Centred(all, chosen);
        for (int k = 0; k < values.Length; k++) values[k] = (float)Math.Clamp(values[k] * random.Uniform(Least, Most), -1, 1);
        return (values, [points, 3]);
    }

    private static float[] Centred(float[] all, int[] chosen)
    {
        float[] values = [.. chosen.SelectMany(point => all.AsSpan(3 * point, 3).ToArray())];
        double farthest = 1e-12;
        for (int axis = 0; axis < 3; axis++)
        {
            double mean = 0;
            for (int k = axis; k < values.Length; k += 3) mean += values[k] / (double)chosen.Length;
            for (int k = axis; k < values.Length; k += 3)
            {
                values[k] -= (float)mean;
                farthest = Math.Max(farthest, Math.Abs(values[k]));
            }
        }

        for (int k = 0; k < values.Length; k++) values[k] = (float)(values[k] / farthest);
        return values;
    }
}
