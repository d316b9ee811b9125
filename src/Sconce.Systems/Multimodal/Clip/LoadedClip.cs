using System.Collections.Concurrent;
using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Torch;

namespace Sconce.Systems.Multimodal.Clip;

/// <summary>A model with its weights, and its tokeniser when one is first needed.</summary>
internal sealed class LoadedClip : IDisposable
{
    internal const string VocabularyFileName = "bpe_simple_vocab_16e6.txt.gz";
    private readonly ConcurrentDictionary<string, ClipTokenizer> tokenizers = new(StringComparer.Ordinal);
    private readonly string weights;
    private readonly Device device;

    public LoadedClip(OpenRequest request)
    {
        (weights, device) = (request.Weights, request.Device);
        request.Progress?.Report(new WorkProgress("loading", 0, 1, Path.GetFileName(weights)));
        if (request.NetworkName == ClipClaimRun.Network.Name)
        {
            Model = request.Network<ClipModel>();
            return;
        }

        // A system's first network stands for all of them: what a file is can be read from its shapes.
        var wanted = request.Name == ClipSystem.SystemName ? null : ClipVariants.Find(request.NetworkName);
        Model = ClipModel.Load(weights, wanted);
        Model.To(device);
    }

    public ClipModel Model { get; }

    /// <summary>Whether it is what the claim keeps, which has pictures and words of its own.</summary>
    private bool IsOfClaim => Model.Config.Vision is SmallEncoderConfig;

    /// <summary>Pictures as the model takes them: <c>(N, 3, side, side)</c>, in the scope around.</summary>
    public Tensor Prepared(IReadOnlyList<Picture> pictures, CancellationToken cancellation)
    {
        var prepared = new List<Tensor>(pictures.Count);
        foreach (var picture in pictures)
        {
            cancellation.ThrowIfCancellationRequested();
            prepared.Add(IsOfClaim
                ? (picture.Image.To8Bit().ToRgb().Resize(CaptionedShapes.Side, CaptionedShapes.Side).ToTensor() * 2) - 1
                : ClipPreprocess.Apply(picture.Image, Model.Config.ImageResolution));
        }

        return Tensor.Stack([.. prepared]).To(device);
    }

    /// <summary>The tokeniser of a file, or of the one that lies beside the weights.</summary>
    public ClipTokenizer Tokenizer(string? asked) => IsOfClaim && asked is null
        ? tokenizers.GetOrAdd("", _ => ClipTokenizer.OfWords(CaptionedShapes.Words))
        : tokenizers.GetOrAdd(VocabularyFile(weights, asked), ClipTokenizer.Load);

    /// <summary>The tokeniser's file that was asked for, or the one beside weights.</summary>
    /// <exception cref="SettingsException">There is none.</exception>
    public static string VocabularyFile(string weights, string? asked)
    {
        string file = asked ?? Path.Combine(Path.GetDirectoryName(Path.GetFullPath(weights))!, VocabularyFileName);
        if (File.Exists(file)) return file;
        throw new SettingsException("vocabulary", called => asked is null
            ? $"{called} is missing: the path of {VocabularyFileName}, which the CLIP repository has in its folder clip "
                + "(or put it beside the weights)"
            : $"{called}: there is no file '{asked}'");
    }

    public void Dispose() => Model.Dispose();
}
