using System.Runtime.InteropServices;

namespace Sconce.Cli;

/// <summary>Turns the first Ctrl-C (or SIGTERM) into a cancellation, so that nothing is left half-written; the second ends the process.</summary>
internal sealed class Interruption : IDisposable
{
    /// <summary>What a shell expects after Ctrl-C.</summary>
    public const int InterruptStatus = 130;

    private const int TerminateStatus = 143;

    private readonly CancellationTokenSource source = new();
    private readonly Terminal terminal;
    private readonly PosixSignalRegistration interrupt;
    private readonly PosixSignalRegistration terminate;

    public Interruption(Terminal terminal)
    {
        this.terminal = terminal;
        interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Heard(context, InterruptStatus));
        terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Heard(context, TerminateStatus));
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => source.Token;

    /// <summary>The exit status: 128 and the signal's number.</summary>
    public int Status { get; private set; } = InterruptStatus;

    /// <inheritdoc/>
    public void Dispose()
    {
        interrupt.Dispose();
        terminate.Dispose();
        source.Dispose();
    }

    private void Heard(PosixSignalContext context, int status)
    {
        if (source.IsCancellationRequested) return;
        context.Cancel = true;
        Status = status;
        if (terminal.ErrorIsTerminal) terminal.Note("stopping (Ctrl-C again ends at once)");
        source.Cancel();
    }
}
