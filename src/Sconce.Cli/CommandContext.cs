using Sconce.Catalogue;
using Sconce.Cli.Commands;

namespace Sconce.Cli;

/// <summary>What every command is given: the systems, the terminal, and a way to be interrupted.</summary>
internal sealed class CommandContext(IReadOnlyList<CatalogueSystem> systems, Terminal terminal) : IDisposable
{
    private Interruption? interruption;

    /// <summary>The systems by name.</summary>
    public SystemRegistry Systems { get; } = new(systems);

    /// <summary>Their networks by name.</summary>
    public CatalogueModels Models { get; } = new(systems);

    /// <summary>What they do, by verb.</summary>
    public AbilityRegistry Abilities { get; } = new(systems);

    /// <summary>Their ways of training by name.</summary>
    public CatalogueMethods Methods { get; } = new(systems);

    /// <summary>Where to write.</summary>
    public Terminal Terminal { get; } = terminal;

    /// <summary>How this command is started again in a process of its own.</summary>
    public required CommandLineOfSelf Self { get; init; }

    /// <summary>
    /// Cancelled by Ctrl-C, SIGTERM and SIGHUP. Asking for it is what makes them be heard: commands that end at once do not.
    /// </summary>
    public CancellationToken Cancellation => (interruption ??= new Interruption(Terminal)).Token;

    /// <summary>The exit status after an interruption.</summary>
    public int InterruptedStatus => interruption?.Status ?? Interruption.InterruptStatus;

    /// <inheritdoc/>
    public void Dispose() => interruption?.Dispose();
}
