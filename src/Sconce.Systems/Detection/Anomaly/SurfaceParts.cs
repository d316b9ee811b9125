using Sconce.Imaging;

namespace Sconce.Systems.Detection.Anomaly;

/// <summary>A kind of procedural part.</summary>
public enum SurfaceDefect
{
    /// <summary>As it should be.</summary>
    None,

    /// <summary>A thin line, brighter or darker.</summary>
    Scratch,

    /// <summary>The texture is shifted within a disc.</summary>
    Dent,

    /// <summary>A drilled hole is not there.</summary>
    MissingHole,
}

/// <summary>A picture of a surface, and where its defect is.</summary>
/// <param name="Picture">Grey, in three channels.</param>
/// <param name="Mask">Row by row.</param>
/// <param name="Defect">What it has.</param>
public sealed record SurfacePart(Image Picture, bool[] Mask, SurfaceDefect Defect);

/// <summary>
/// Procedural surfaces: two wavy sinusoid textures of any phase under light from one side, with noise; scratches, dents, and missing
/// holes where there are holes.
/// At 64 pixels without holes it is the claim's set; at 256 with holes that of the documentation.
/// </summary>
/// <param name="side">Pixels.</param>
/// <param name="holes">Whether each part has four drilled holes.</param>
public sealed class SurfaceParts(int side = 64, bool holes = false)
{
    private const double Noise = 0.03, Light = 0.35, Scratching = 0.25, HoleShare = 0.045;

    /// <summary>Draws one.</summary>
    public SurfacePart Draw(SurfaceDefect defect, Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        double unit = side / 64.0, phase1 = random.NextDouble() * 2 * Math.PI, phase2 = random.NextDouble() * 2 * Math.PI;
        double lightX = ((random.NextDouble() * 2) - 1) * Light, lightY = ((random.NextDouble() * 2) - 1) * Light;
        var values = new double[side * side];
        var mask = new bool[side * side];
        double radius = (5 + (random.NextDouble() * 4)) * unit;
        double room = side - (2 * radius), centreX = radius + (random.NextDouble() * room), centreY = radius + (random.NextDouble() * room);
        double turn = random.NextDouble() * 2 * Math.PI;
        int missing = random.Next(4);
        for (int k = 0; k < values.Length; k++)
        {
            double x = k % side, y = k / side;
            bool dented = defect == SurfaceDefect.Dent && Square(x - centreX) + Square(y - centreY) < radius * radius;
            if (dented) mask[k] = true;
            var (u, v) = dented ? (x + (4 * unit * Math.Cos(turn)), y + (4 * unit * Math.Sin(turn))) : (x, y);
            double light = 1 + (lightX * ((2 * x / side) - 1)) + (lightY * ((2 * y / side) - 1));
            values[k] = light * Texture(u / unit, v / unit, phase1, phase2);
            if (holes) Drill(values, mask, k, defect == SurfaceDefect.MissingHole ? missing : -1);
        }

        if (defect == SurfaceDefect.Scratch) Scratch(values, mask, unit, random);
        for (int k = 0; k < values.Length; k++) values[k] += Noise * Normal(random);
        byte[] pixels = [.. values.SelectMany(value => Enumerable.Repeat((byte)Math.Round(255 * Math.Clamp(value, 0, 1)), 3))];
        return new SurfacePart(Image.FromPixels(side, side, 3, (ReadOnlySpan<byte>)pixels), mask, defect);
    }

    /// <summary>Writes a set: <c>good/</c>, a folder a defect, and masks in <c>ground_truth/</c>.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="good">Good parts.</param>
    /// <param name="bad">Bad parts of each kind; 0 for none.</param>
    /// <param name="seed">What they are drawn from.</param>
    public void Write(string folder, int good, int bad, int seed = 0)
    {
        var random = new Random(seed);
        Save(Path.Combine(folder, "good"), good, SurfaceDefect.None, null);
        var kinds = Enum.GetValues<SurfaceDefect>()
            .Where(kind => kind != SurfaceDefect.None && (holes || kind != SurfaceDefect.MissingHole));
        foreach (var kind in bad > 0 ? kinds : [])
        {
            string name = kind.ToString().ToLowerInvariant();
            Save(Path.Combine(folder, name), bad, kind, Path.Combine(folder, "ground_truth", name));
        }

        if (bad > 0) Save(Path.Combine(folder, "test-good"), good, SurfaceDefect.None, null);

        void Save(string place, int count, SurfaceDefect kind, string? masks)
        {
            Directory.CreateDirectory(place);
            if (masks is not null) Directory.CreateDirectory(masks);
            for (int k = 0; k < count; k++)
            {
                var part = Draw(kind, random);
                part.Picture.Save(Path.Combine(place, $"{k:000}.png"));
                if (masks is null) continue;
                byte[] mask = [.. part.Mask.Select(bad => bad ? (byte)255 : (byte)0)];
                Image.FromPixels(side, side, 1, (ReadOnlySpan<byte>)mask).Save(Path.Combine(masks, $"{k:000}_mask.png"));
            }
        }
    }

    private static double Texture(double x, double y, double phase1, double phase2) =>
        0.5 + (0.12 * Math.Sin((0.7 * x) + (1.5 * Math.Sin(0.15 * y)) + phase1))
            + (0.12 * Math.Sin((0.6 * y) + (1.5 * Math.Sin(0.13 * x)) + phase2));

    private static double Square(double value) => value * value;

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private void Drill(double[] values, bool[] mask, int k, int missing)
    {
        double x = (double)(k % side) / side, y = (double)(k / side) / side;
        int hole = (x > 0.5 ? 1 : 0) + (y > 0.5 ? 2 : 0);
        double away = Square(x - (x > 0.5 ? 0.75 : 0.25)) + Square(y - (y > 0.5 ? 0.75 : 0.25));
        if (away >= HoleShare * HoleShare) return;
        if (hole == missing) mask[k] = true;
        else values[k] = 0.05;
    }

    private void Scratch(double[] values, bool[] mask, double unit, Random random)
    {
        double angle = random.NextDouble() * Math.PI, length = (15 + (random.NextDouble() * 15)) * unit;
        double change = random.Next(2) == 0 ? Scratching : -Scratching;
        double x = (0.2 + (0.6 * random.NextDouble())) * side, y = (0.2 + (0.6 * random.NextDouble())) * side;
        double along = Math.Cos(angle), down = Math.Sin(angle);
        for (int k = 0; k < values.Length; k++)
        {
            double dx = (k % side) - x, dy = (k / side) - y;
            if (Math.Abs((dx * along) + (dy * down)) > length / 2 || Math.Abs((dy * along) - (dx * down)) > unit) continue;
            values[k] += change;
            mask[k] = true;
        }
    }
}
