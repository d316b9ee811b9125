using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Nn;
using Sconce.Systems.Analysis.Looks;
using Sconce.Torch;

namespace Sconce.Systems.Analysis.Circuits;

/// <summary>Which weights are looked at.</summary>
[Settings]
public sealed partial record EquivarianceSettings
{
    /// <summary>Show which filters are turned or mirrored forms of each other, and whether the weights above them are circulant.</summary>
    public bool Equivariance { get; init; }

    /// <summary>The convolution, by the dotted name of its module; the first one where left out.</summary>
    [LeftOpen]
    public string? Layer { get; init; }

    /// <summary>The least cosine of two filters of one family.</summary>
    [Within(0, 1)]
    public double Alike { get; init; } = 0.8;
}

/// <summary>Families of filters.</summary>
/// <param name="Figures">How many families, how alike filters are, how circulant the weights above.</param>
/// <param name="Filters">A row a filter: the nearest form of another, its cosine, the family.</param>
/// <param name="Families">The filters drawn, a family after the other.</param>
public sealed record EquivarianceAnswer(Rows Figures, Rows Filters, MadePicture Families) : IAnswer
{
    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Answer Part)> Parts => [("figures", Figures), ("filters", Filters), ("families", Families)];
}

/// <summary>Whether a convolution's filters come in turned and mirrored families; doi 10.23915/distill.00024.004.</summary>
public sealed class ExplainEquivariance : Ability<Nothing, EquivarianceAnswer, EquivarianceSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Explain;

    /// <inheritdoc/>
    public override string AskedBy => "equivariance";

    /// <inheritdoc/>
    public override string Purpose =>
        "a convolution in; out, the families of its filters that are turned or mirrored forms of each other, and how circulant the next "
        + "weights are";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [("resnet50 --equivariance --layer conv1 --out families.png", "which filters are turned forms of each other")];

    /// <inheritdoc/>
    public override bool SharesNetwork(IReadOnlyList<Capability> network) => ProbedNetwork.IsShared(network);

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => ProbedNetwork.Fits(network);

    /// <inheritdoc/>
    public override Session<Nothing, EquivarianceAnswer, EquivarianceSettings> Open(OpenRequest request) =>
        new EquivarianceSession(request);
}

/// <summary>A network whose weights are compared.</summary>
internal sealed class EquivarianceSession(OpenRequest request) : Session<Nothing, EquivarianceAnswer, EquivarianceSettings>
{
    private const int Larger = 6, MostDrawn = 400;
    private readonly ProbedNetwork network = new(request);

    /// <inheritdoc/>
    protected override IReadOnlyList<EquivarianceAnswer> Answer(
        IReadOnlyList<Nothing> inputs, EquivarianceSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        var (name, layer) = Chosen(settings.Layer);
        var weights = layer.Weight.Detach().Cpu();
        var nearest = FilterFamilies.Nearest(weights);
        var families = FilterFamilies.Joined(nearest, settings.Alike);
        var family = new int?[nearest.Count];
        for (int k = 0; k < families.Count; k++) foreach (int filter in families[k]) family[filter] = k + 1;
        var rows = nearest.Select(one => (IReadOnlyList<object?>)
            [(long)one.Filter, (long)one.Other, one.Relation, one.Cosine, family[one.Filter] is { } number ? (long)number : null]);
        return
        [
            new EquivarianceAnswer(
                new Rows(["figure", "value"], Figures(name, layer, weights, nearest, families, settings.Alike)),
                new Rows(["filter", "nearest", "relation", "cosine", "family"], [.. rows]),
                new MadePicture(Drawn(weights, families))),
        ];
    }

    /// <inheritdoc/>
    protected override void Free() => network.Dispose();

    private List<IReadOnlyList<object?>> Figures(
        string name, Conv2d layer, Tensor weights, IReadOnlyList<FilterLikeness> nearest, IReadOnlyList<IReadOnlyList<int>> families,
        double alike)
    {
        var quarters = FilterFamilies.Quarters(weights, alike);
        List<IReadOnlyList<object?>> figures =
        [
            ["layer", name], ["filters", (long)nearest.Count], ["families", (long)families.Count],
            ["filters in families", (long)families.Sum(family => family.Count)],
            ["mean best cosine with another's form", nearest.Average(one => one.Cosine)],
            ["fours of quarter turns", (long)quarters.Count],
        ];
        if (quarters.Count > 0 && Above(name, layer) is { } above)
        {
            var (moved, unmoved) = FilterFamilies.Circulance(above.Layer.Weight.Detach().Cpu(), quarters);
            figures.Add([$"{above.Name} turned, inputs moved on: mean best cosine", moved]);
            figures.Add([$"{above.Name} turned, inputs as they are: mean best cosine", unmoved]);
        }

        return figures;
    }

    private List<(string Name, Conv2d Layer)> Convolutions() =>
    [
        .. network.Module.NamedModules().Where(named => named.Module is Conv2d { Weight: var weight } && weight.Size(2) > 1
            && weight.Size(2) == weight.Size(3)).Select(named => (named.Name, (Conv2d)named.Module)),
    ];

    private (string Name, Conv2d Layer) Chosen(string? asked)
    {
        var all = Convolutions();
        if (all.Count == 0) throw new UsageException($"{network.Name} has no convolution with a kernel that could be turned");
        if (asked is null) return all[0];
        network.Layer(asked);
        int found = all.FindIndex(named => named.Name == asked);
        return found >= 0 ? all[found] : throw new SettingsException("layer", called =>
            $"{called} {asked}: it is no convolution with a square kernel; the nearest is {NearestTo(asked, all)}");
    }

    private static string NearestTo(string asked, List<(string Name, Conv2d Layer)> all) =>
        NearestNames.Find(asked, all.Select(named => named.Name), 1) is [var near] ? near : all[0].Name;

    /// <summary>The next convolution that reads as many channels as this one makes.</summary>
    private (string Name, Conv2d Layer)? Above(string name, Conv2d layer)
    {
        var all = Convolutions();
        int place = all.FindIndex(named => named.Name == name);
        var above = all.Skip(place + 1).Where(named => named.Layer.Weight.Size(1) == layer.Weight.Size(0)).Take(1).ToList();
        return above is [var found] ? found : null;
    }

    /// <summary>Filters on colours in these colours, others as the mean over what they read; a family after the other.</summary>
    private static Image Drawn(Tensor weights, IReadOnlyList<IReadOnlyList<int>> families)
    {
        int[] joined = [.. families.SelectMany(family => family)];
        int[] all = [.. joined, .. Enumerable.Range(0, (int)weights.Size(0)).Except(joined)];
        var cells = all.Take(MostDrawn).Select(filter =>
        {
            var shown = weights[filter];
            if (shown.Size(0) != 3) shown = shown.Mean([0], keepdim: true);
            double largest = Math.Max(1e-12, shown.Abs().Max().To(DType.Float64).Item<double>());
            var picture = ((shown / (2 * largest)) + 0.5).To(DType.Float32).ToImage();
            return picture.Resize(picture.Width * Larger, picture.Height * Larger, ResizeFilter.Nearest);
        });
        return ImageGrid.Create(cells, (int)Math.Ceiling(Math.Sqrt(Math.Min(all.Length, MostDrawn))));
    }
}
