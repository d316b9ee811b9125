using Sconce.Catalogue;

namespace Sconce.Training;

/// <summary>The settings that a classifier's run understands and other methods may not; each method refuses what would do nothing in its runs.</summary>
public static class ClassifierSettings
{
    private static readonly Setting[] Mixing = [new("--mixup", asked => asked.MixUp is not null), new("--cutmix", asked => asked.CutMix is not null)];

    private static readonly Setting[] Augmentation =
    [
        .. Mixing,
        new("--randaugment", asked => asked.RandAugment is not null),
        new("--color-jitter", asked => asked.ColorJitter is not null),
        new("--erasing", asked => asked.Erasing is not null),
    ];

    private static readonly Setting[] Smoothing = [new("--label-smoothing", asked => asked.LabelSmoothing != 0)];

    /// <summary>Refuses all of them, for a method that trains no classifier.</summary>
    /// <param name="configuration">As it was asked.</param>
    /// <param name="instead">What the method does instead: <c>DETR's pictures are …</c>.</param>
    /// <exception cref="UsageException">One is set; the message names those that are.</exception>
    public static void Refuse(TrainingConfiguration configuration, string instead) =>
        Refuse(configuration, [.. Augmentation, .. Smoothing], (options, several) => $"{options} {(several ? "are" : "is")} for classifiers: {instead}");

    /// <summary>Refuses what changes pictures, for a method that makes views of them.</summary>
    /// <param name="configuration">As it was asked.</param>
    /// <param name="method">The method's name.</param>
    /// <exception cref="UsageException">One is set; the message names those that are.</exception>
    public static void RefuseAugmentation(TrainingConfiguration configuration, string method) =>
        Refuse(configuration, Augmentation, (options, _) => $"{method} makes its own views of pictures: leave {options} out");

    /// <summary>Refuses what mixes pictures, and labels with them.</summary>
    /// <param name="configuration">As it was asked.</param>
    /// <param name="reason">Who cannot use them and why: <c>… corrects labels of one class</c>.</param>
    /// <exception cref="UsageException">One is set; the message names those that are.</exception>
    public static void RefuseMixing(TrainingConfiguration configuration, string reason) =>
        Refuse(configuration, Mixing, (options, _) => $"{reason}: leave {options} out");

    /// <summary>Refuses what changes the plain loss.</summary>
    /// <param name="configuration">As it was asked.</param>
    /// <param name="method">The method's name.</param>
    /// <param name="reason">Why the method cannot use it.</param>
    /// <exception cref="UsageException">It is set.</exception>
    public static void RefuseSmoothing(TrainingConfiguration configuration, string method, string reason = "has a loss of its own") =>
        Refuse(configuration, Smoothing, (options, _) => $"{method} {reason}: leave {options} out");

    private static void Refuse(TrainingConfiguration configuration, IReadOnlyList<Setting> settings, Func<string, bool, string> message)
    {
        string[] found = [.. settings.Where(setting => setting.IsSet(configuration)).Select(setting => setting.Option)];
        if (found.Length > 0) throw new UsageException(message(Listed(found), found.Length > 1));
    }

    private static string Listed(string[] names) => names.Length > 1 ? $"{string.Join(", ", names[..^1])} and {names[^1]}" : names[0];

    private sealed record Setting(string Option, Func<TrainingConfiguration, bool> IsSet);
}
