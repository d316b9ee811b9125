using System.CommandLine;
using Sconce.Weights;

namespace Sconce.Cli.Commands;

/// <summary>The two options of every command that takes weights, for files that hold more than one network or that named its weights
/// otherwise.</summary>
internal sealed class WeightsNaming
{
    /// <summary>Where the state dict is.</summary>
    public const string WrapperOption = "--wrapper";

    /// <summary>What stands in front of the names.</summary>
    public const string PrefixOption = "--prefix";

    private readonly Option<string?> wrapper = new(WrapperOption)
    {
        Description = "Where in the weights' file the state dict is, such as state_dict_ema (found by itself)",
        HelpName = "NAME",
    };

    private readonly Option<string?> prefix = new(PrefixOption)
    {
        Description = "What to take off the names in the weights' file, such as model. or student.backbone. (found by itself where it is "
            + "one); \"\" for nothing",
        HelpName = "TEXT",
    };

    /// <summary>In the order of the help.</summary>
    public IReadOnlyList<Option> All => [wrapper, prefix];

    /// <summary>The entry that was asked for.</summary>
    public string? Wrapper(ParseResult parsed) => parsed.GetValue(wrapper);

    /// <summary>The prefix that was asked for, which ends with a dot as prefixes do.</summary>
    public string? Prefix(ParseResult parsed) =>
        parsed.GetValue(prefix) is { } typed ? typed.Length == 0 || typed.EndsWith('.') ? typed : typed + "." : null;

    /// <summary>Until disposed the file is opened as asked; null where nothing was.</summary>
    /// <param name="parsed">The line.</param>
    /// <param name="file">The weights; null where the command takes none.</param>
    public CheckpointChoice? For(ParseResult parsed, string? file)
    {
        var (entry, front) = (Wrapper(parsed), Prefix(parsed));
        if (entry is null && front is null) return null;
        return file is null ? throw new UsageException($"{(entry is null ? PrefixOption : WrapperOption)} goes with a file of weights")
            : CheckpointChoice.For(file, entry, front);
    }
}
