using System.CommandLine;
using System.Globalization;
using Sconce.Training;

namespace Sconce.Cli.Commands;

/// <summary>The options of <c>sconce train</c> that are settings of the configuration: what is typed replaces what the configuration has.</summary>
internal sealed class TrainingOptions
{
    private readonly Option<string?> data = new("--data") { Description = "The pictures", HelpName = "FOLDER" };
    private readonly Option<int?> epochs = Shared.Number("--epochs", "Passes over the pictures (20)", 1);
    private readonly Option<int?> batch = Shared.Number("--batch", "Pictures a batch (64)", 1);
    private readonly Option<int?> accumulate = Shared.Number("--accumulate", "Batches a step: larger steps than memory holds (1)", 1);
    private readonly Option<double?> rate = Real("--lr", "The peak learning rate (0.1 for SGD, 0.001 for the Adams at 256 pictures a step, in proportion for others; a tenth with --pretrained)");
    private readonly Option<double?> decay = Real("--weight-decay", "Of weights, not of biases and gains (0.0005; adamw 0.05)");
    private readonly Option<string?> optimizer = Choice<OptimizerKind>("--optimizer");
    private readonly Option<string?> schedule = Choice<ScheduleKind>("--schedule");
    private readonly Option<double?> warmUp = Real("--warm-up", "Epochs, fractions too, of a straight rise of the rate (a twentieth of the run)");
    private readonly Option<double?> smoothing = Real("--label-smoothing", "The share of each label spread over all classes (0)");
    private readonly Option<double?> mixUp = Real("--mixup", "Blend pairs of pictures and their labels; the strength, such as 0.2 (none)");
    private readonly Option<double?> cutMix = Real("--cutmix", "Paste a box of one picture into another and mix their labels; the strength, such as 1 (none). With --mixup, each batch gets one of the two");
    private readonly Option<double?> randAugment = Real("--randaugment", "Two random operations a picture (shear, turn, colours …) of this magnitude, 0 to 30 (none)");
    private readonly Option<double?> jitter = Real("--color-jitter", "Change brightness, contrast and saturation by up to this share, such as 0.4 (none)");
    private readonly Option<double?> erasing = Real("--erasing", "Erase a box of this share of the pictures, such as 0.25 (none)");
    private readonly Option<double?> clip = Real("--clip", "The largest norm of all gradients together (none)");
    private readonly Option<double?> agc = Real("--agc", "Adaptive gradient clipping, such as 0.01 for networks without batch norms (none)");
    private readonly Option<string?> average = Choice<Averaging>("--average");
    private readonly Option<int?> patience = Shared.Number("--patience", "Stop after so many evaluations without a better one (never)", 1);
    private readonly Option<string?> watch = new("--watch") { Description = "The figure that says which weights are best: accuracy, top5, auroc, f1, loss (accuracy)", HelpName = "FIGURE" };
    private readonly Option<int?> size = Shared.Number("--size", "The side of the pictures in pixels (the network's own)", 8);
    private readonly Option<string?> pretrained = new("--pretrained") { Description = "A checkpoint to start from; a classifier of another size is made anew", HelpName = "FILE" };
    private readonly Option<string[]> freeze = new("--freeze") { Description = "Parameters that stay as they are, by name with * and ?", HelpName = "PATTERN", Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = true };
    private readonly Option<bool> amp = new("--amp") { Description = "Compute in bfloat16 where that is safe" };
    private readonly Option<double?> validation = Real("--validation", "The share of each class held out to evaluate on, where the data have no such part (0.1)");
    private readonly Option<int?> seed = Shared.Number("--seed", "Of initial weights, order, augmentation and dropout (0)", 0);
    private readonly Option<int?> threads = Shared.Number("--threads", "Threads of one operator (all cores)", 1);
    private readonly Option<int?> workers = Shared.Number("--workers", "Threads that read pictures (all cores)", 1);
    private readonly Option<bool> skip = new("--skip-broken") { Description = "Leave out pictures that cannot be read, each with a line; else they stop the run" };
    private readonly Option<int?> saveEvery = Shared.Number("--save-every", "Steps between checkpoints (five minutes, and every epoch)", 1);

    /// <summary>In the order of the help.</summary>
    public IReadOnlyList<Option> All =>
    [
        data, epochs, batch, accumulate, rate, optimizer, schedule, warmUp, decay, smoothing, mixUp, cutMix, randAugment, jitter, erasing, clip, agc, average, size, pretrained, freeze, amp, patience, watch, validation, seed,
        threads, workers, skip, saveEvery,
    ];

    /// <summary>What was typed, over a configuration.</summary>
    public TrainingConfiguration Apply(ParseResult parsed, TrainingConfiguration configuration) => configuration with
    {
        Data = parsed.GetValue(data) is { } folder ? Path.GetFullPath(folder) : configuration.Data,
        Epochs = parsed.GetValue(epochs) ?? configuration.Epochs,
        Batch = parsed.GetValue(batch) ?? configuration.Batch,
        Accumulation = parsed.GetValue(accumulate) ?? configuration.Accumulation,
        LearningRate = parsed.GetValue(rate) ?? configuration.LearningRate,
        WeightDecay = parsed.GetValue(decay) ?? configuration.WeightDecay,
        Optimizer = Chosen(parsed.GetValue(optimizer), configuration.Optimizer),
        Schedule = Chosen(parsed.GetValue(schedule), configuration.Schedule),
        WarmUpEpochs = parsed.GetValue(warmUp) ?? configuration.WarmUpEpochs,
        LabelSmoothing = parsed.GetValue(smoothing) ?? configuration.LabelSmoothing,
        MixUp = parsed.GetValue(mixUp) ?? configuration.MixUp,
        CutMix = parsed.GetValue(cutMix) ?? configuration.CutMix,
        RandAugment = parsed.GetValue(randAugment) ?? configuration.RandAugment,
        ColorJitter = parsed.GetValue(jitter) ?? configuration.ColorJitter,
        Erasing = parsed.GetValue(erasing) ?? configuration.Erasing,
        ClipNorm = parsed.GetValue(clip) ?? configuration.ClipNorm,
        AdaptiveClipping = parsed.GetValue(agc) ?? configuration.AdaptiveClipping,
        Averaging = Chosen(parsed.GetValue(average), configuration.Averaging),
        Patience = parsed.GetValue(patience) ?? configuration.Patience,
        Watched = parsed.GetValue(watch) ?? configuration.Watched,
        ImageSize = parsed.GetValue(size) ?? configuration.ImageSize,
        Pretrained = parsed.GetValue(pretrained) is { } weights ? Path.GetFullPath(weights) : configuration.Pretrained,
        Freeze = parsed.GetValue(freeze) is { Length: > 0 } patterns ? patterns : configuration.Freeze,
        Amp = parsed.GetValue(amp) || configuration.Amp,
        Validation = parsed.GetValue(validation) ?? configuration.Validation,
        Seed = parsed.GetValue(seed) is { } number ? (ulong)number : configuration.Seed,
        Threads = parsed.GetValue(threads) ?? configuration.Threads,
        Workers = parsed.GetValue(workers) ?? configuration.Workers,
        SkipBroken = parsed.GetValue(skip) || configuration.SkipBroken,
        SaveEvery = parsed.GetValue(saveEvery) ?? configuration.SaveEvery,
    };

    private static T Chosen<T>(string? name, T otherwise)
        where T : struct, Enum => name is null ? otherwise : Enum.Parse<T>(name, ignoreCase: true);

    private static Option<string?> Choice<T>(string name)
        where T : struct, Enum
    {
        string[] names = [.. Enum.GetNames<T>().Select(known => known.ToLowerInvariant())];
        var option = new Option<string?>(name)
        {
            Description = $"One of {string.Join(", ", names)} ({names[0]})",
            HelpName = "NAME",
            CustomParser = result =>
            {
                string text = result.Tokens[0].Value.ToLowerInvariant();
                if (names.Contains(text)) return text;
                result.AddError($"{name} takes one of {string.Join(", ", names)}, not '{result.Tokens[0].Value}'. {NearestNames.Suggest(text, names)}".TrimEnd());
                return null;
            },
        };
        option.CompletionSources.Add(names);
        return option;
    }

    private static Option<double?> Real(string name, string help) => new(name)
    {
        Description = help,
        HelpName = "NUMBER",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number)) return number;
            result.AddError($"{name} takes a number such as 0.1, not '{text}'");
            return null;
        },
    };
}
