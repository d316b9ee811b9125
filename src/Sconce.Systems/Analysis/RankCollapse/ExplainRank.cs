using Sconce.Abilities;
using Sconce.Nn.Transformers;
using Sconce.Reports;
using Sconce.Systems.Analysis.Looks;
using Sconce.Torch;

namespace Sconce.Systems.Analysis.RankCollapse;

/// <summary>How far tokens stay apart.</summary>
[Settings]
public sealed partial record RankSettings
{
    /// <summary>Show, layer by layer, how much of the tokens is not one and the same, with and without skips.</summary>
    public bool Rank { get; init; }
}

/// <summary>The residual of the tokens through a transformer.</summary>
/// <param name="Layers">A row a layer: the residual's share of the tokens, of the network and without its parts.</param>
/// <param name="Page">The same as curves.</param>
public sealed record RankAnswer(Rows Layers, Page Page) : IAnswer
{
    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Answer Part)> Parts => [("layers", Layers), ("rank", Page)];
}

/// <summary>How fast a transformer's tokens become one, with its skips and perceptrons and without; 2103.03404 figure 4.</summary>
public sealed class ExplainRank : Ability<Picture, RankAnswer, RankSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Explain;

    /// <inheritdoc/>
    public override string AskedBy => "rank";

    /// <inheritdoc/>
    public override string Purpose =>
        "pictures in; out, layer by layer of a transformer, how much of its tokens is not the same in all, with and without skips";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [("vit_base_patch16_224 photo.jpg --rank", "do a transformer's tokens stay apart?")];

    /// <inheritdoc/>
    public override bool SharesNetwork(IReadOnlyList<Capability> network) => ProbedNetwork.IsShared(network);

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => ProbedNetwork.Fits(network);

    /// <inheritdoc/>
    public override Session<Picture, RankAnswer, RankSettings> Open(OpenRequest request) => new RankSession(request);
}

/// <summary>A transformer whose tokens are followed.</summary>
internal sealed class RankSession(OpenRequest request) : Session<Picture, RankAnswer, RankSettings>
{
    private static readonly (string Name, bool Skip, bool Mlp)[] Nets =
    [
        ("the network", true, true), ("without perceptrons", true, false), ("without attention's skip", false, true),
        ("without either", false, false),
    ];

    private readonly ProbedNetwork network = new(request);

    /// <inheritdoc/>
    protected override IReadOnlyList<RankAnswer> Answer(
        IReadOnlyList<Picture> inputs, RankSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        [.. inputs.Select(input => Followed(input, cancellation))];

    /// <inheritdoc/>
    protected override void Free() => network.Dispose();

    private RankAnswer Followed(Picture picture, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        List<(string Name, Block Block)> blocks =
            [.. network.Module.NamedModules().Where(named => named.Module is Block).Select(named => (named.Name, (Block)named.Module))];
        if (blocks.Count == 0)
            throw new UsageException($"{network.Name} has no blocks of attention: ranks are followed through vision transformers");
        var tokens = Tokens(network.Prepare(picture.Image), blocks[0].Block);
        double[][] shares = [.. Nets.Select(net => Shares(blocks, tokens, net.Skip, net.Mlp))];
        var rows = Enumerable.Range(0, blocks.Count + 1).Select(layer => (IReadOnlyList<object?>)
            [layer == 0 ? "tokens" : blocks[layer - 1].Name, .. shares.Select(curve => (object?)curve[layer])]);
        double[] layers = [.. Enumerable.Range(0, blocks.Count + 1).Select(layer => (double)layer)];
        var page = new StandalonePage($"{network.Name}: do tokens stay apart?")
            .Paragraph("The residual is what is left of the tokens when their mean is taken away; its share is measured by the composite "
                + $"norm of 2103.03404. Picture: {picture.Name}.")
            .Chart("log10 of the residual's share", "layer",
                [.. Nets.Select((net, k) => new PlottedLine(net.Name, layers, [.. shares[k].Select(Math.Log10)]))]);
        var told = new Rows(["layer", .. Nets.Select(net => net.Name)], [.. rows]);
        return new RankAnswer(told, new Page(page.Table(told).Render()));
    }

    /// <summary>What the first block reads: what it answers, less what its branches added.</summary>
    private Tensor Tokens(Tensor pixels, Block first)
    {
        using var scope = new TensorScope();
        using var trace = network.Traced(pixels, (_, module) => module == first || module == first.DropPath);
        var branches = trace.Answers.Where(answer => answer.Module == first.DropPath).ToList();
        var output = trace.Answers.Last(answer => answer.Module == first).Output;
        return scope.Keep(branches.Aggregate(output.To(DType.Float64), (left, branch) => left - branch.Output.To(DType.Float64)).Float());
    }

    private static double[] Shares(IReadOnlyList<(string, Block Block)> blocks, Tensor tokens, bool skip, bool mlp)
    {
        using var scope = new TensorScope();
        var x = tokens;
        var shares = new List<double> { Share(x) };
        foreach (var (_, block) in blocks)
        {
            var read = block.Attention.Call(block.Norm1.Call(x));
            if (block.Scale1 is { } first) read = first.Call(read);
            x = skip ? x + read : read;
            if (mlp)
            {
                var made = block.Mlp.Call(block.Norm2.Call(x));
                x += block.Scale2 is { } second ? second.Call(made) : made;
            }

            shares.Add(Share(x));
        }

        return [.. shares];
    }

    private static double Share(Tensor tokens) => ResidualMeasures.Ratio(tokens.To(DType.Float64)).Mean().Item<double>();
}
