using Sconce.Imaging;
using Sconce.Systems.Multimodal.Clip;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Dalle;

/// <summary>How well pictures fit a caption, by CLIP. 2102.12092 §2.6.</summary>
internal sealed class ClipRanking : IDisposable
{
    private const int Together = 8;
    private readonly ClipModel clip;
    private readonly ClipTokenizer tokenizer;
    private readonly Device device;

    /// <summary>Loads it.</summary>
    /// <param name="weights">A checkpoint of CLIP.</param>
    /// <param name="vocabulary">Its tokeniser's file; the one beside the weights where left out.</param>
    /// <param name="device">Where it runs.</param>
    /// <exception cref="SettingsException">There is no tokeniser's file.</exception>
    internal ClipRanking(string weights, string? vocabulary, Device device)
    {
        this.device = device;
        tokenizer = ClipTokenizer.Load(LoadedClip.VocabularyFile(weights, vocabulary));
        clip = ClipModel.Load(weights);
        clip.To(device);
    }

    public void Dispose() => clip.Dispose();

    /// <summary>The cosine of each picture with the caption.</summary>
    internal double[] Scores(IReadOnlyList<Image> pictures, string caption, CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        int length = clip.Config.Text.ContextLength;
        var sentence = clip.EncodeText(Tensor.From(tokenizer.Tokenize(caption, length, truncate: true), [1, length]).To(device))[0];
        List<double> scores = [];
        foreach (var some in pictures.Chunk(Together))
        {
            cancellation.ThrowIfCancellationRequested();
            using var step = new TensorScope();
            var seen = Tensor.Stack([.. some.Select(picture => ClipPreprocess.Apply(picture, clip.Config.ImageResolution))]).To(device);
            float[] cosines = DalleSampling.Scores(clip.EncodeImage(seen), sentence).Cpu().Float().ToArray<float>();
            scores.AddRange(cosines.Select(one => (double)one));
        }

        return [.. scores];
    }
}
