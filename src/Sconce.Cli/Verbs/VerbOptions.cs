using System.CommandLine;
using Sconce.Abilities;
using Sconce.Cli.Commands;

namespace Sconce.Cli.Verbs;

/// <summary>What a verb's line takes beside its abilities' settings.</summary>
internal sealed class VerbOptions
{
    /// <summary>Makes them.</summary>
    /// <param name="targets">Whom the verb can be asked of: some options are there for some abilities alone.</param>
    public VerbOptions(VerbTargets targets)
    {
        Words.CompletionSources.Add(_ => targets.Systems.Select(system => system.Card.Name)
            .Concat(targets.Systems.SelectMany(system => system.Variants).Select(known => known.Name)));
        Variant.CompletionSources.Add(_ => targets.Systems.SelectMany(system => system.Variants).Select(known => known.Name));
        Part.AcceptOnlyFromAmong("train", "test");
        All =
        [
            Named, List, Part, Weights, Variant, Output, Csv, Json, SkipBroken, Device, Size,
            .. targets.Abilities.Any(entry => UnsureOption.Abstains(entry.Ability)) ? [Unsure.Option] : (Option[])[],
            .. targets.Abilities.Any(entry => entry.Ability.Input == InputKind.Picture) ? Watch.All : [], .. Naming.All,
        ];
    }

    /// <summary>The options, in the order of the help.</summary>
    public IReadOnlyList<Option> All { get; }

    public Argument<string[]> Words { get; } = new("name or files")
    {
        Arity = ArgumentArity.ZeroOrMore,
        Description = "A system, a network or a run's folder, where it is not the verb's default; then files, folders, patterns, or - for "
            + "standard input",
        HelpName = "SYSTEM|NETWORK|RUN] [FILE…",
    };

    public Option<string[]> Named { get; } = new("--image", "--video", "--input", "--data")
    { Hidden = true, Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = true };

    public Option<string?> List { get; } =
        new("--list") { Description = "A text with the path of an input a line", HelpName = "FILE" };

    public Option<string?> Part { get; } =
        new("--part") { Description = "Only one part of a folder that has parts: train or test (all of it)", HelpName = "PART" };

    public Option<string?> Weights { get; } = new("--weights")
    { Description = "The checkpoint, or 'official' (a run's best; the official ones where they are in the cache)", HelpName = "FILE" };

    public Option<string?> Variant { get; } = new("--variant") { Hidden = true, HelpName = "NAME" };

    public Option<string?> Output { get; } = new("--out")
    { Description = $"The folder for what is made, or the file where there is one ({AnswerPlaces.Folder}/)", HelpName = "PATH" };

    public Option<string?> Csv { get; } =
        new("--csv") { Description = "Write the answers as a table; - for standard output", HelpName = "FILE" };

    public Option<bool> Json { get; } = Shared.Json();

    public Option<bool> SkipBroken { get; } =
        new("--skip-broken") { Description = "Leave out what cannot be read, and succeed all the same" };

    public Option<string?> Device { get; } = Devices.Option();

    public Option<int[]?> Size { get; } = PictureExtent.Option();

    public UnsureOption Unsure { get; } = new();

    public WatchOptions Watch { get; } = new();

    public WeightsNaming Naming { get; } = new();
}
