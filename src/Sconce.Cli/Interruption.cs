using System.Globalization;
using System.Runtime.InteropServices;

namespace Sconce.Cli;

/// <summary>
/// Turns the first Ctrl-C (or SIGTERM, or SIGHUP of a terminal that closes) into a cancellation, so that nothing is left half-written; the
/// second ends the process.
/// </summary>
internal sealed class Interruption : IDisposable
{
    /// <summary>What a shell expects after Ctrl-C.</summary>
    public const int InterruptStatus = 130;

    private const int TerminateStatus = 143, HangUpStatus = 129;

    private readonly CancellationTokenSource source = new();
    private readonly Terminal terminal;
    private readonly PosixSignalRegistration interrupt;
    private readonly PosixSignalRegistration terminate;
    private readonly PosixSignalRegistration? hangUp;

    public Interruption(Terminal terminal)
    {
        this.terminal = terminal;
        interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Heard(context, InterruptStatus));
        terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Heard(context, TerminateStatus));
        if (!IgnoresHangUp()) hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => Heard(context, HangUpStatus));
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
        hangUp?.Dispose();
        source.Dispose();
    }

    /// <summary>
    /// Whether whoever started this wants it to outlive its terminal (nohup): then the signal is ignored from the start, and stays so.
    /// </summary>
    private static bool IgnoresHangUp()
    {
        const string status = "/proc/self/status", name = "SigIgn:";
        if (!File.Exists(status)) return false;
        string? mask = File.ReadLines(status).FirstOrDefault(line =>
            line.StartsWith(name, StringComparison.Ordinal))?[name.Length..].Trim();
        return ulong.TryParse(mask, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong ignored) && (ignored & 1) != 0;
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
