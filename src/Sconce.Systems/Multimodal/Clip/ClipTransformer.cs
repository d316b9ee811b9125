using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Multimodal.Clip;

/// <summary>Pre-norm attention, then a pre-norm MLP with the quick GELU; <c>(N, tokens, width) -> (N, tokens, width)</c>.
/// openai/CLIP@d05afc4 clip/model.py.</summary>
/// <param name="width">Channels; must divide by <paramref name="heads"/>.</param>
/// <param name="heads">Attention heads.</param>
public sealed partial class ResidualAttentionBlock(int width, int heads) : Module<Tensor, Tensor?, Tensor>
{
    /// <summary>Self-attention.</summary>
    [Key("attn")]
    public MultiheadAttention Attention { get; } = new(width, heads);

    /// <summary>Before the attention.</summary>
    [Key("ln_1")]
    public LayerNorm Norm1 { get; } = new(width);

    /// <summary>Width, four times width, width.</summary>
    public Sequential Mlp { get; } = new()
    {
        ["c_fc"] = new Linear(width, 4 * width),
        ["gelu"] = new QuickGelu(),
        ["c_proj"] = new Linear(4 * width, width),
    };

    /// <summary>Before the MLP.</summary>
    [Key("ln_2")]
    public LayerNorm Norm2 { get; } = new(width);

    /// <summary>Sets the weights' spread as the official text tower begins: attention width^-½, outputs (2 · width · layers)^-½, hidden
    /// layer (2 · width)^-½.</summary>
    /// <param name="layers">Blocks of the whole transformer.</param>
    public void Initialize(int layers)
    {
        double output = Math.Pow(width, -0.5) * Math.Pow(2.0 * layers, -0.5);
        Init.Normal(Attention.InProjWeight, Math.Pow(width, -0.5));
        Init.Normal(Attention.OutProj.Weight, output);
        Init.Normal(((Linear)Mlp["c_fc"]).Weight, Math.Pow(2.0 * width, -0.5));
        Init.Normal(((Linear)Mlp["c_proj"]).Weight, output);
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x, Tensor? mask)
    {
        var normed = Norm1.Call(x);
        var attended = Attention.Call(normed, mask);
        normed.Dispose();
        var middle = x + attended;
        attended.Dispose();
        return middle + Norm2.Call(middle).Then(Mlp);
    }
}

/// <summary>Blocks one after the other; <c>(N, tokens, width) -> (N, tokens, width)</c>.</summary>
/// <param name="width">Channels.</param>
/// <param name="layers">Blocks.</param>
/// <param name="heads">Attention heads of each.</param>
public sealed partial class ClipTransformer(int width, int layers, int heads) : Module<Tensor, Tensor?, Tensor>
{
    /// <summary>The blocks.</summary>
    public ModuleList<ResidualAttentionBlock> Resblocks { get; } =
        new(Enumerable.Range(0, layers).Select(_ => new ResidualAttentionBlock(width, heads)));

    /// <summary>The mask that keeps a token from looking at later ones: −∞ strictly above the diagonal, 0 elsewhere;
    /// <c>(tokens, tokens)</c>.</summary>
    public static Tensor CausalMask(int tokens)
    {
        using var scope = new TensorScope();
        return scope.Keep(Tensor.Full([tokens, tokens], double.NegativeInfinity, DType.Float32).TriuInPlace(1));
    }

    /// <summary>Sets the weights' spread as the official text tower begins.</summary>
    public void Initialize()
    {
        foreach (var block in Resblocks) block.Initialize(layers);
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input, Tensor? mask)
    {
        var x = input;
        foreach (var block in Resblocks)
        {
            var next = block.Call(x, mask);
            if (!ReferenceEquals(x, input)) x.Dispose();
            x = next;
        }

        return x;
    }
}
