using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Torch;

namespace Sconce.Systems.SelfSupervision.Seer;

/// <summary>SwAV's own networks.</summary>
public sealed record SwavResNetConfig
{
    /// <summary>What ResNet-50's channels are multiplied by: 1, 2, 4 or 5.</summary>
    public int Widen { get; init; } = 1;

    /// <summary>Blocks of the four stages.</summary>
    public IReadOnlyList<int> Layers { get; init; } = [3, 4, 6, 3];

    /// <summary>The projection's hidden width; 0 for a projection of one layer.</summary>
    public int HiddenMlp { get; init; } = 2048;

    /// <summary>Numbers of an embedding; 0 for no projection.</summary>
    public int OutputDim { get; init; } = 128;

    /// <summary>Prototypes of each set; none for no scores.</summary>
    public IReadOnlyList<int> Prototypes { get; init; } = [3000];

    /// <summary>Whether the sets have keys of their own (<c>prototypes.prototypes0</c>, …) even where there is one.</summary>
    public bool NumberedPrototypes { get; init; }

    /// <summary>Whether embeddings are brought to length 1.</summary>
    public bool Normalize { get; init; } = true;
}

/// <summary>A ResNet-50 with SwAV's head, under the official keys: those of the trunk, <c>projection_head</c>, <c>prototypes</c>.
/// facebookresearch/swav@06b1b7c src/resnet50.py.</summary>
public sealed class SwavResNet : SwavNetwork
{
    private readonly ResNet trunk;
    private readonly Module<Tensor, Tensor>? projectionHead;
    private readonly Module? prototypes;
    private readonly bool normalize;

    /// <summary>The official initial weights.</summary>
    /// <exception cref="ArgumentException">A width is negative, or no prototypes are in a set.</exception>
    public SwavResNet(SwavResNetConfig config)
    {
        if (config.HiddenMlp < 0 || config.OutputDim < 0 || config.Prototypes.Any(count => count < 1))
            throw new ArgumentException($"SwAV's head cannot be: {config}", nameof(config));
        // The official stem pads by 1 before a convolution that pads by 2: the same numbers as padding by 3.
        trunk = new ResNet(ResNetConfiguration.ResNet50 with { Layers = config.Layers, Widen = config.Widen, Classes = 0 });
        normalize = config.Normalize;
        EmbeddingWidth = config.OutputDim > 0 ? config.OutputDim : trunk.Width;
        projectionHead = (config.OutputDim, config.HiddenMlp) switch
        {
            (0, _) => null,
            (var width, 0) => new Linear(trunk.Width, width),
            (var width, var hidden) => new Sequential(new Linear(trunk.Width, hidden), new BatchNorm1d(hidden), new Relu(inPlace: true),
                new Linear(hidden, width)),
        };
        Prototypes = [.. config.Prototypes.Select(count => new Linear(EmbeddingWidth, count, bias: false))];
        if (Prototypes.Count > 1 || (config.NumberedPrototypes && Prototypes.Count > 0))
        {
            var sets = new ModuleDictionary<Linear>();
            for (int k = 0; k < Prototypes.Count; k++) sets.Add($"prototypes{k}", Prototypes[k]);
            prototypes = sets;
        }
        else
        {
            prototypes = Prototypes.SingleOrDefault();
        }
    }

    /// <summary>The encoder.</summary>
    public ResNet Trunk => trunk;

    /// <inheritdoc/>
    public override Module<Tensor, Tensor> Encoder => Trunk;

    /// <inheritdoc/>
    public override IReadOnlyList<Linear> Prototypes { get; }

    /// <inheritdoc/>
    public override int EmbeddingWidth { get; }

    /// <inheritdoc/>
    public override Tensor Features(Tensor pictures) => trunk.Call(pictures);

    /// <inheritdoc/>
    public override SwavOutput Head(Tensor features)
    {
        using var scope = new TensorScope();
        var embedding = features.Through(projectionHead);
        if (normalize) embedding = Functional.Normalize(embedding);
        return scope.Keep(new SwavOutput(embedding, [.. Prototypes.Select(set => set.Call(embedding))]));
    }

    /// <inheritdoc/>
    protected override void VisitMembers(IModuleVisitor visitor)
    {
        foreach (var (key, part) in trunk.Children()) visitor.Child(key, part); // the trunk's keys have no prefix
        visitor.Child("projection_head", projectionHead);
        visitor.Child("prototypes", prototypes);
    }
}
