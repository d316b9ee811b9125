using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Systems.SelfSupervision.Seer;

/// <summary>A RegNetY with SEER's head; 2103.01988 §2. Its trunk has torchvision's keys, its head VISSL's: <c>trunk.…</c>,
/// <c>heads.0.…</c></summary>
public sealed partial class SeerNetwork : SwavNetwork
{
    /// <summary>The official initial weights.</summary>
    /// <exception cref="ArgumentException">The head does not begin with the trunk's width.</exception>
    public SeerNetwork(RegNetConfig trunk, SeerHeadConfig head)
    {
        int width = trunk.Stages[^1].Width;
        if (head.Dims.Count == 0 || head.Dims[0] != width)
            throw new ArgumentException($"SEER's head begins with {string.Join("-", head.Dims)}, and the trunk has "
                + $"{width} features", nameof(head));
        Trunk = new RegNet(trunk with { Classes = 0 });
        ProjectionHead = new SeerHead(head);
    }

    /// <summary>The encoder.</summary>
    public RegNet Trunk { get; }

    /// <summary>Projection and prototypes.</summary>
    [Key("heads.0")]
    public SeerHead ProjectionHead { get; }

    /// <inheritdoc/>
    public override Module<Tensor, Tensor> Encoder => Trunk;

    /// <inheritdoc/>
    public override IReadOnlyList<Linear> Prototypes => ProjectionHead.Prototypes;

    /// <inheritdoc/>
    public override int EmbeddingWidth => ProjectionHead.Width;

    /// <inheritdoc/>
    public override Tensor Features(Tensor pictures) => Trunk.Call(pictures);

    /// <inheritdoc/>
    public override SwavOutput Head(Tensor features) => ProjectionHead.Call(features);

    /// <summary>Loads a checkpoint of VISSL, whose state lies under <c>classy_state_dict.base_model.model</c>.</summary>
    /// <exception cref="CheckpointException">The file is damaged or does not fit.</exception>
    public void LoadVissl(string path) => ModelWeights.Load(this, path, new LoadOptions
    {
        Checkpoint = new CheckpointOptions { Wrapper = "classy_state_dict.base_model.model" },
        Rename = FromVissl,
    });

    /// <summary>This network's key of one of VISSL's: <c>trunk._feature_blocks.…</c> takes torchvision's name, <c>heads.…</c> stays,
    /// anything else is left out.</summary>
    public static string? FromVissl(string key)
    {
        if (key.StartsWith("heads.", StringComparison.Ordinal)) return key;
        return key.StartsWith("trunk.", StringComparison.Ordinal) && RegNetVisslKeys.ToTorchvision(key["trunk.".Length..]) is { } name
            ? $"trunk.{name}" : null;
    }
}
