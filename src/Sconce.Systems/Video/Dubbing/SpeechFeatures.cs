using Sconce.Torch;

namespace Sconce.Systems.Video.Dubbing;

/// <summary>
/// Speech as the networks hear it: a mel spectrogram in decibels from -4 to 4, 80 steps a second. Rudrabha/Wav2Lip@5c90fa9 audio.py,
/// hparams.py.
/// </summary>
public sealed record SpeechFeatures
{
    /// <summary>Samples a second.</summary>
    public int SampleRate { get; init; } = 16_000;

    /// <summary>Samples in a window.</summary>
    public int Window { get; init; } = 800;

    /// <summary>Samples from one window to the next.</summary>
    public int Hop { get; init; } = 200;

    /// <summary>Bands.</summary>
    public int Bands { get; init; } = 80;

    /// <summary>Where the lowest band begins, in hertz.</summary>
    public double Lowest { get; init; } = 55;

    /// <summary>Where the highest band ends, in hertz.</summary>
    public double Highest { get; init; } = 7600;

    /// <summary>How much of the sample before is taken away.</summary>
    public double PreEmphasis { get; init; } = 0.97;

    /// <summary>Decibels that become the lowest value.</summary>
    public double Floor { get; init; } = -100;

    /// <summary>Decibels that are taken away.</summary>
    public double Reference { get; init; } = 20;

    /// <summary>The largest value; its negative is the lowest.</summary>
    public double Bound { get; init; } = 4;

    /// <summary>Steps that the networks hear at once.</summary>
    public const int Steps = 16;

    /// <summary>Steps a second.</summary>
    public double StepRate => (double)SampleRate / Hop;

    /// <summary>The features of a sound: <c>(samples)</c> in [-1, 1] <c>-> (bands, samples / hop + 1)</c>.</summary>
    /// <exception cref="TorchException">It is shorter than half a window.</exception>
    public Tensor Of(Tensor sound)
    {
        if (sound.Dimensions != 1 || sound.Size(0) <= Window / 2)
        {
            throw new TorchException(
                $"speech: a sound of shape [{string.Join(", ", sound.Shape.ToArray())}], where more than {Window / 2} samples are wanted");
        }

        using var scope = new TensorScope();
        var emphasized = Tensor.Cat([sound[..1], sound[1..] - (sound[..^1] * PreEmphasis)]);
        var framed = emphasized.Reshape([1, 1, -1]).ReflectionPad1d([Window / 2, Window / 2]).Reshape([-1]).Unfold(0, Window, Hop);
        var magnitudes = (framed * Hann(sound)).FftRfft().Abs(); // (steps, window / 2 + 1)
        var bands = Filters().To(sound.Device, sound.DType).Matmul(magnitudes.T());
        var decibels = (bands.ClampMin(Math.Pow(10, Floor / 20)).Log10() * 20) - Reference;
        return scope.Keep((((decibels - Floor) * (2 * Bound / -Floor)) - Bound).Clamp(-Bound, Bound));
    }

    /// <summary>Where the features of a frame begin.</summary>
    /// <param name="frame">Its number.</param>
    /// <param name="frameRate">Frames a second.</param>
    public int FirstStep(long frame, double frameRate) => (int)(StepRate * frame / frameRate);

    /// <summary>Triangles on Slaney's scale, each of one area: <c>(bands, window / 2 + 1)</c>.</summary>
    public Tensor Filters()
    {
        int bins = (Window / 2) + 1;
        double low = Mel(Lowest), step = (Mel(Highest) - low) / (Bands + 1);
        double[] corners = [.. Enumerable.Range(0, Bands + 2).Select(k => Hertz(low + (k * step)))];
        var filters = new float[Bands * bins];
        for (int band = 0; band < Bands; band++)
        {
            double left = corners[band], top = corners[band + 1], right = corners[band + 2];
            for (int bin = 0; bin < bins; bin++)
            {
                double hertz = (double)bin * SampleRate / Window;
                double height = Math.Min((hertz - left) / (top - left), (right - hertz) / (right - top));
                filters[(band * bins) + bin] = (float)(Math.Max(0, height) * 2 / (right - left));
            }
        }

        return Tensor.From(filters, [Bands, bins]);
    }

    // Slaney's scale: even up to a kilohertz, logarithmic above.
    private const double Even = 200.0 / 3, Corner = 1000;

    private static readonly double Octaves = Math.Log(6.4) / 27;

    private static double Mel(double hertz) => hertz < Corner ? hertz / Even : (Corner / Even) + (Math.Log(hertz / Corner) / Octaves);

    private static double Hertz(double mel) =>
        mel < Corner / Even ? mel * Even : Corner * Math.Exp(Octaves * (mel - (Corner / Even)));

    private Tensor Hann(Tensor like)
    {
        float[] values = [.. Enumerable.Range(0, Window).Select(k => (float)(0.5 - (0.5 * Math.Cos(2 * Math.PI * k / Window))))];
        return Tensor.From(values).To(like.Device, like.DType);
    }
}
