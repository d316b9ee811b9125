using Sconce.Nn.Transformers;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Systems.Classification.T2TVit;

/// <summary>The official checkpoints (<c>.pth.tar</c>): the averaged weights of the training run, and positions of another size resampled (utils.py@0f63dc9).</summary>
public static class T2TWeights
{
    private const string Average = "state_dict_ema", Positions = "pos_embed";

    /// <summary>Fills a network. Nothing is changed unless everything fits.</summary>
    /// <param name="network">Of the file's variant; its pictures may have another size.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="CheckpointException">The file is damaged, or its names or shapes are not this network's; the message names them.</exception>
    public static void Load(T2TVisionTransformer network, string path)
    {
        ArgumentNullException.ThrowIfNull(network);
        using var checkpoint = Open(path);
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var positions = checkpoint.Tensors.FirstOrDefault(tensor => tensor.Name == Positions);
        if (positions is null || !IsOtherGrid(positions.Shape, network))
        {
            ModelWeights.Load(network, checkpoint);
            return;
        }

        var resampled = PositionEmbedding.Resize(ModelWeights.ToTensor(positions), network.Config.Grid, PositionResize.Bicubic);
        ModelWeights.Load(network, checkpoint, new LoadOptions { Leave = [Positions] });
        network.PosEmbed.CopyInPlace(resampled);
    }

    private static Checkpoint Open(string path)
    {
        var checkpoint = Checkpoint.Open(path);
        if (checkpoint.Wrapper == Average || !checkpoint.Wrappers.Contains(Average)) return checkpoint;
        checkpoint.Dispose();
        return Checkpoint.Open(path, new CheckpointOptions { Wrapper = Average });
    }

    private static bool IsOtherGrid(IReadOnlyList<long> shape, T2TVisionTransformer network)
    {
        if (shape.Count != 3 || shape[0] != 1 || shape[2] != network.Config.Width || shape[1] == network.PosEmbed.Size(1)) return false;
        long side = (long)Math.Round(Math.Sqrt(shape[1] - 1));
        return side > 0 && side * side == shape[1] - 1;
    }
}
