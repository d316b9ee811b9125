using Sconce.Nn;
using Sconce.Torch;
using Buffer = Sconce.Nn.Buffer;

namespace Sconce.Systems.Generation.Dalle;

/// <summary>All of DALL·E in one checkpoint: the autoencoder, the transformer, and the vocabulary of the captions.</summary>
public sealed partial class DalleModel : Module
{
    /// <summary>Builds it.</summary>
    /// <param name="dvae">The autoencoder.</param>
    /// <param name="transformer">The transformer.</param>
    /// <param name="vocabulary">As it is saved.</param>
    public DalleModel(DvaeConfig dvae, DalleConfig transformer, byte[] vocabulary)
    {
        Dvae = new Dvae(dvae);
        Transformer = new DalleTransformer(transformer);
        using var scope = new TensorScope();
        Vocabulary = new Buffer(scope.KeepForever(Tensor.From(vocabulary)));
        Dvae.RequireGrad(false);
    }

    /// <summary>The autoencoder, frozen.</summary>
    public Dvae Dvae { get; }

    /// <summary>The transformer.</summary>
    public DalleTransformer Transformer { get; }

    /// <summary>The vocabulary as bytes.</summary>
    public Buffer Vocabulary { get; }

    /// <summary>The side of its pictures in pixels.</summary>
    public int Side => Transformer.Config.Grid * Dvae.Config.Downsampling;

    /// <summary>Only the transformer learns.</summary>
    public override void Train(bool on = true)
    {
        base.Train(on);
        Dvae.Eval();
    }

    /// <summary>Pictures from -1 to 1 of codes: <c>(N, Grid²) -> (N, 3, Side, Side)</c>.</summary>
    public Tensor Decode(Tensor codes)
    {
        using var scope = new TensorScope();
        long grid = Transformer.Config.Grid;
        return scope.Keep(DallePictures.ToSymmetric(Dvae.Decode(codes.View([-1, grid, grid]))));
    }

    /// <summary>Codes of pictures from -1 to 1: <c>(N, 3, Side, Side) -> (N, Grid²)</c>.</summary>
    public Tensor Encode(Tensor pictures)
    {
        using var scope = new TensorScope();
        return scope.Keep(Dvae.Encode(DallePictures.ToUnit(pictures)).Flatten(1));
    }

    /// <summary>The vocabulary that it was trained with.</summary>
    internal CaptionVocabulary Words() => CaptionVocabulary.Parse(Vocabulary.Cpu().ToArray<byte>());
}
