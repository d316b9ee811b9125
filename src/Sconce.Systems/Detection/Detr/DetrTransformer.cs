using Sconce.Nn;
using Sconce.Nn.Transformers;
using Sconce.Torch;

namespace Sconce.Systems.Detection.Detr;

/// <summary>What the transformer reads.</summary>
/// <param name="Source"><c>(N, width, h, w)</c></param>
/// <param name="Mask"><c>(N, h, w)</c> bool, true where nobody may look; null for nowhere.</param>
/// <param name="Queries">The positions of the decoder's queries, <c>(queries, width)</c>.</param>
/// <param name="Positions"><c>(N or 1, width, h, w)</c></param>
public sealed record TransformerInput(Tensor Source, Tensor? Mask, Tensor Queries, Tensor Positions);

/// <summary>
/// Encoder and decoder, with positions added to queries and keys of every layer and never to values. Gives every decoder layer's states
/// <c>(layers, N, queries, width)</c>, each through the one last norm, and the encoder's map <c>(N, width, h, w)</c>. 2005.12872 figure 10,
/// facebookresearch/detr@29901c51 models/transformer.py.
/// </summary>
public sealed partial class DetrTransformer : Module<TransformerInput, (Tensor States, Tensor Memory)>
{
    /// <summary>Glorot-uniform matrices.</summary>
    /// <exception cref="ArgumentException">The width does not divide by the heads.</exception>
    public DetrTransformer(DetrTransformerConfig config)
    {
        Encoder = new PositionedEncoder(config.Encoder);
        Decoder = new DetrDecoder(config);
        foreach (var parameter in Parameters().Where(parameter => parameter.Dimensions > 1)) Init.XavierUniform(parameter);
    }

    /// <summary>The picture's tokens look at each other.</summary>
    public PositionedEncoder Encoder { get; }

    /// <summary>Queries look at each other and at the picture.</summary>
    public DetrDecoder Decoder { get; }

    /// <inheritdoc/>
    protected override (Tensor States, Tensor Memory) Forward(TransformerInput input)
    {
        var shape = input.Source.Shape.ToArray();
        if (shape.Length != 4)
            throw new TorchException($"DETR's transformer: a source of shape [{string.Join(", ", shape)}], but (N, width, h, w) "
                + $"is expected");
        var tokens = input.Source.Flatten(2).Transpose(1, 2); // (N, h·w, width)
        var positions = input.Positions.Flatten(2).Transpose(1, 2); // (N or 1, h·w, width)
        var visible = input.Mask?.Flatten(1).LogicalNot().Unsqueeze(1).Unsqueeze(1); // (N, 1, 1, h·w)
        var memory = Encoder.Call(tokens, positions, visible);
        var states = Decoder.Call(new DecoderInput(memory, positions, input.Queries.Unsqueeze(0), visible));
        return (states, memory.Transpose(1, 2).Unflatten(2, [shape[2], shape[3]]));
    }
}

/// <summary>What the decoder reads.</summary>
/// <param name="Memory">The encoder's tokens, <c>(N, T, width)</c>.</param>
/// <param name="Positions">Theirs, <c>(N or 1, T, width)</c>.</param>
/// <param name="Queries">The queries' positions, <c>(1, Q, width)</c>.</param>
/// <param name="Visible"><c>(N, 1, 1, T)</c> bool, false on padding; null where nothing is padded.</param>
public sealed record DecoderInput(Tensor Memory, Tensor Positions, Tensor Queries, Tensor? Visible);

/// <summary>Layers one after another, the queries' states beginning at zero; every layer's states through one norm,
/// <c>(layers, N, Q, width)</c>.</summary>
public sealed partial class DetrDecoder(DetrTransformerConfig config) : Module<DecoderInput, Tensor>
{
    /// <summary>In order.</summary>
    public ModuleList<DetrDecoderLayer> Layers { get; } =
        new(Enumerable.Range(0, config.DecoderLayers).Select(_ => new DetrDecoderLayer(config)).ToList());

    /// <summary>Shared by all layers' answers.</summary>
    public LayerNorm Norm { get; } = new(config.Width, config.NormEps);

    /// <inheritdoc/>
    protected override Tensor Forward(DecoderInput input)
    {
        var states = Tensor.Zeros([input.Memory.Size(0), input.Queries.Size(1), input.Queries.Size(2)], input.Memory.DType,
            device: input.Memory.Device);
        var answers = new List<Tensor>();
        foreach (var layer in Layers)
        {
            states = layer.Call(states, input);
            answers.Add(Norm.Call(states));
        }

        return Tensor.Stack([.. answers]);
    }
}
