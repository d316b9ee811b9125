using System.Collections.Concurrent;
using Sconce.Abilities;
using Sconce.Torch;

namespace Sconce.Systems.Multimodal.Clip;

/// <summary>CLIP as a classifier of any list of sentences. Several threads may ask it; each list of labels is embedded once.</summary>
public sealed class ClipClassifier : Session<Picture, Labels, ClipLabelSettings>
{
    private readonly ConcurrentDictionary<string, Lazy<ZeroShotClassifier>> classifiers = new(StringComparer.Ordinal);
    private readonly LoadedClip clip;

    /// <summary>Loads it.</summary>
    public ClipClassifier(OpenRequest request) => clip = new LoadedClip(request);

    /// <inheritdoc/>
    public override bool IsShared => true;

    /// <inheritdoc/>
    public override int BatchSize => 8;

    /// <inheritdoc/>
    protected override IReadOnlyList<Labels> Answer(
        IReadOnlyList<Picture> inputs, ClipLabelSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        var classifier = ClassifierOf(settings, progress, cancellation);
        using var scope = new TensorScope();
        float[][] rows = [.. classifier.Classify(clip.Prepared(inputs, cancellation)).Cpu().Unbind().Select(row => row.ToArray<float>())];
        return [.. rows.Select(row => settings.Abstention.Mark(new Labels(
            [.. row.Select((p, k) => new Label(classifier.Labels[k], p)).OrderByDescending(label => label.Confidence)
                .Take(settings.Top)])))];
    }

    /// <inheritdoc/>
    protected override void Free()
    {
        foreach (var made in classifiers.Values.Where(made => made.IsValueCreated)) made.Value.Dispose();
        clip.Dispose();
    }

    private ZeroShotClassifier ClassifierOf(ClipLabelSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        string key = string.Join('\n', [settings.Templates ?? "", settings.Tokens.Vocabulary ?? "", .. settings.Labels!.Names]);
        var templates = Templates(settings.Templates);
        var made = classifiers.GetOrAdd(key, _ => new(() => ZeroShotClassifier.Create(
            clip.Model, clip.Tokenizer(settings.Tokens.Vocabulary), settings.Labels.Names, templates, progress, cancellation)));
        try
        {
            return made.Value;
        }
        catch
        {
            // a cancelled or failed list is embedded anew when it is asked for again
            classifiers.TryRemove(KeyValuePair.Create(key, made));
            throw;
        }
    }

    private static IReadOnlyList<string>? Templates(string? asked) => asked switch
    {
        null or "" => null,
        "imagenet" => PromptTemplates.ImageNet,
        "imagenet-short" => PromptTemplates.ImageNetShort,
        _ when File.Exists(asked) => PromptTemplates.Read(asked),
        _ => throw new SettingsException("templates",
            called => $"{called} takes imagenet, imagenet-short or a file that is there, not '{asked}'"),
    };
}
