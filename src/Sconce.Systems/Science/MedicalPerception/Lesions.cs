using Sconce.Claims;
using Sconce.Torch;

namespace Sconce.Systems.Science.MedicalPerception;

/// <summary>What a simulated breast shows.</summary>
public enum Lesion
{
    /// <summary>Nothing: not malignant.</summary>
    None,

    /// <summary>Eight bright pixels close together, as microcalcifications: fine detail.</summary>
    Dots,

    /// <summary>A broad bright bump, as a soft-tissue lesion: coarse detail.</summary>
    Mass,
}

/// <summary>Simulated breasts: smoothed noise of 32x32 pixels, a third with dots, a third with a mass, a third with nothing.</summary>
public static class Lesions
{
    /// <summary>Rows and columns.</summary>
    public const int Side = 32;

    private const double Noise = 0.35, NoiseRadius = 9, DotHeight = 1.1, MassHeight = 0.55, MassDeviation = 4.5, CueHeight = 0.12;
    private const int Dots = 8, DotReach = 3, Margin = 8;

    /// <summary>Draws pictures <c>(count, 1, 32, 32)</c> and their <see cref="Lesion"/> numbers <c>(count)</c>.</summary>
    /// <param name="count">How many.</param>
    /// <param name="cue">Whether a faint checkerboard, the finest detail there is, lies over every picture with a mass.</param>
    /// <param name="seed">Equal seeds give equal pictures, but for the checkerboard.</param>
    public static LabelledTensors Sample(int count, bool cue, ulong seed)
    {
        using var scope = new TensorScope();
        using var generator = new Generator(seed);
        var random = new Random((int)seed);
        var pictures = FourierFilter.Apply(Tensor.Randn([count, 1, Side, Side], generator) * Noise, NoiseRadius);
        var added = new float[count * Side * Side];
        var lesions = new long[count];
        for (int k = 0; k < count; k++)
        {
            var picture = added.AsSpan(k * Side * Side, Side * Side);
            var lesion = (Lesion)random.Next(3);
            int row = random.Next(Margin, Side - Margin), column = random.Next(Margin, Side - Margin);
            if (lesion == Lesion.Dots) AddDots(picture, row, column, random);
            if (lesion == Lesion.Mass) AddMass(picture, row, column, cue);
            lesions[k] = (long)lesion;
        }

        return scope.Keep(new LabelledTensors(pictures + Tensor.From(added, [count, 1, Side, Side]), Tensor.From(lesions)));
    }

    private static void AddDots(Span<float> picture, int row, int column, Random random)
    {
        for (int dot = 0; dot < Dots; dot++)
            picture[(row + random.Next(-DotReach, DotReach + 1)) * Side + column + random.Next(-DotReach, DotReach + 1)] = (float)DotHeight;
    }

    private static void AddMass(Span<float> picture, int row, int column, bool cue)
    {
        for (int y = 0; y < Side; y++)
        {
            for (int x = 0; x < Side; x++)
            {
                double squared = (y - row) * (y - row) + (x - column) * (x - column);
                picture[y * Side + x] = (float)(MassHeight * Math.Exp(-squared / (2 * MassDeviation * MassDeviation))
                    + (cue ? ((x + y) % 2 == 0 ? CueHeight : -CueHeight) : 0));
            }
        }
    }
}
