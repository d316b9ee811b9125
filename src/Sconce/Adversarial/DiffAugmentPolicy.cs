using Sconce.Torch;

namespace Sconce.Adversarial;

/// <summary>One word of a policy.</summary>
public enum DiffAugmentation
{
    /// <summary>Brightness, saturation, contrast.</summary>
    Color,

    /// <summary>A shift by up to an eighth of a side.</summary>
    Translation,

    /// <summary>A hole of half the side.</summary>
    Cutout,
}

/// <summary>
/// The random numbers of one application: how far each change goes, and whom it befalls. They do not depend on the pictures' size.
/// </summary>
/// <param name="Amounts">In [0, 1), one row for each number that the policy takes: <c>(numbers, N)</c>.</param>
/// <param name="Chances">
/// In [0, 1), one row for each word: <c>(words, N)</c>; a change befalls a picture whose number lies below its probability.
/// </param>
public sealed record DiffAugmentDraws(Tensor Amounts, Tensor Chances) : ITensorContainer
{
    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => [Amounts, Chances];

    /// <summary>The same numbers on a device.</summary>
    public DiffAugmentDraws On(Device device) => new(Amounts.To(device), Chances.To(device));
}

/// <summary>
/// Which changes real and generated pictures undergo before the discriminator sees them, in this order. Every <c>D(x)</c> of both players
/// becomes <c>D(T(x))</c>, each with draws of its own. 2006.10738 §3.
/// </summary>
/// <param name="Words">In order; the same words in another order are another policy.</param>
public sealed record DiffAugmentPolicy(IReadOnlyList<DiffAugmentation> Words)
{
    /// <summary>No change.</summary>
    public static DiffAugmentPolicy None { get; } = new([]);

    /// <summary>The chance of each word for each picture, in [0, 1]. Below 1 a generator has no reason to paint holes.</summary>
    public double Probability { get; init; } = 1;

    /// <summary>Random numbers that one application takes.</summary>
    public int Numbers => Words.Sum(NumbersOf);

    /// <summary>Reads <c>color,translation,cutout</c>; the empty text changes nothing.</summary>
    /// <exception cref="FormatException">A word is unknown.</exception>
    public static DiffAugmentPolicy Parse(string text)
    {
        string[] words = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return new([.. words.Select(word => Enum.GetValues<DiffAugmentation>().Cast<DiffAugmentation?>()
            .FirstOrDefault(known => word.Equals(known.ToString(), StringComparison.OrdinalIgnoreCase))
            ?? throw new FormatException(
                $"differentiable augmentation: there is no '{word}'; there are color, translation and cutout, separated by commas"))]);
    }

    /// <summary>Changes pictures <c>(N, C, H, W)</c> by fresh draws.</summary>
    public Tensor Apply(Tensor images, Generator? generator = null)
    {
        if (Words.Count == 0) return images;
        using var scope = new TensorScope();
        return scope.Keep(Apply(images, Draw(images.Size(0), images.Device, generator)));
    }

    /// <summary>
    /// Changes several batches alike, such as pictures and what belongs to them pixel by pixel; their sizes may differ, their number may
    /// not.
    /// </summary>
    /// <param name="batches"><c>(N, C, H, W)</c> each.</param>
    /// <param name="seed">Equal seeds give equal changes.</param>
    /// <exception cref="ArgumentException">The batches are not of one length.</exception>
    public IReadOnlyList<Tensor> Apply(IReadOnlyList<Tensor> batches, ulong seed)
    {
        if (batches.Count == 0) return [];
        if (batches.Any(batch => batch.Size(0) != batches[0].Size(0)))
        {
            throw new ArgumentException(
                "differentiable augmentation: batches that are changed alike have as many pictures each", nameof(batches));
        }
        using var scope = new TensorScope();
        using var generator = new Generator(seed);
        var draws = Draw(batches[0].Size(0), Device.Cpu, generator);
        return scope.Keep<Tensor[]>([.. batches.Select(batch => Apply(batch, draws.On(batch.Device)))]);
    }

    /// <summary>Draws the numbers for <paramref name="count"/> pictures.</summary>
    public DiffAugmentDraws Draw(long count, Device? device = null, Generator? generator = null) => new(
        Tensor.Empty([Numbers, count], DType.Float32, device: device).UniformInPlace(0, 1, generator),
        Tensor.Empty([Words.Count, count], DType.Float32, device: device).UniformInPlace(0, 1, generator));

    /// <summary>Changes pictures <c>(N, C, H, W)</c> by the draws.</summary>
    public Tensor Apply(Tensor images, DiffAugmentDraws draws)
    {
        if (draws.Amounts.Size(0) != Numbers || draws.Amounts.Size(1) != images.Size(0))
        {
            throw new ArgumentException(
                $"differentiable augmentation: draws of {draws.Amounts.Size(0)} numbers for {draws.Amounts.Size(1)} pictures, "
                + $"where {Numbers} for {images.Size(0)} are wanted",
                nameof(draws));
        }

        using var scope = new TensorScope();
        var x = images;
        int number = 0;
        for (int word = 0; word < Words.Count; word++)
        {
            var changed = Change(Words[word], x, draws.Amounts, number);
            number += NumbersOf(Words[word]);
            x = Probability >= 1 ? changed : Functional.Where((draws.Chances[word] < Probability).Reshape([-1, 1, 1, 1]), changed, x);
        }

        return scope.Keep(x);
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join(',', Words).ToLowerInvariant();

    private static int NumbersOf(DiffAugmentation word) => word == DiffAugmentation.Color ? 3 : 2;

    private static Tensor Change(DiffAugmentation word, Tensor x, Tensor amounts, int number)
    {
        Tensor Row(int offset) => amounts[number + offset].Reshape([-1, 1, 1, 1]).To(x.DType);
        Tensor Whole(int offset, long choices) =>
            (amounts[number + offset].Detach() * choices).Floor().Clamp(0, choices - 1).To(DType.Int64);
        switch (word)
        {
            case DiffAugmentation.Color:
                return DiffAugmentFunctions.Contrast(
                    DiffAugmentFunctions.Saturation(DiffAugmentFunctions.Brightness(x, Row(0)), Row(1)), Row(2));
            case DiffAugmentation.Translation:
                int rows = DiffAugmentFunctions.LargestShift(x.Size(2)), columns = DiffAugmentFunctions.LargestShift(x.Size(3));
                return DiffAugmentFunctions.Translate(x, Whole(0, (2 * rows) + 1) - rows, Whole(1, (2 * columns) + 1) - columns);
            default:
                return DiffAugmentFunctions.Cutout(
                    x, Whole(0, DiffAugmentFunctions.HolePlaces(x.Size(2))), Whole(1, DiffAugmentFunctions.HolePlaces(x.Size(3))));
        }
    }
}
