using Sconce.Weights;

namespace Sconce.Systems.Classification.T2TVit;

/// <summary>The official checkpoints (<c>.pth.tar</c>): the averaged weights of the training run, whose positions are resampled where
/// pictures have another size.</summary>
public static class T2TWeights
{
    private const string Average = "state_dict_ema";

    /// <summary>Fills a network. Nothing is changed unless everything fits.</summary>
    /// <param name="network">Of the file's variant; its pictures may have another size.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="CheckpointException">The file is damaged, or its names or shapes are not this network's; the message names
    /// them.</exception>
    public static void Load(T2TVisionTransformer network, string path)
    {
        ArgumentNullException.ThrowIfNull(network);
        using var checkpoint = Open(path);
        ModelWeights.Load(network, checkpoint);
    }

    private static Checkpoint Open(string path)
    {
        var checkpoint = Checkpoint.Open(path);
        if (checkpoint.Wrapper == Average || !checkpoint.Wrappers.Contains(Average)) return checkpoint;
        checkpoint.Dispose();
        return Checkpoint.Open(path, new CheckpointOptions { Wrapper = Average });
    }
}
