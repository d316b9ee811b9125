using Sconce.Data;
using Sconce.Imaging;
using Sconce.Tables;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Video;
using Sconce.Weights;

namespace Sconce.Cli;

/// <summary>Brings exceptions to one line on the error stream and an exit status.</summary>
internal static class Faults
{
    /// <summary>Something was asked wrongly.</summary>
    public const int UsageStatus = 2;

    /// <summary>Something went wrong.</summary>
    public const int FailureStatus = 1;

    /// <summary>Says what went wrong and gives the exit status.</summary>
    public static int Report(Exception error, CommandContext context)
    {
        if (error is OperationCanceledException)
        {
            context.Terminal.Note("sconce: interrupted");
            return context.InterruptedStatus;
        }

        if (LacksNative(error) && int.TryParse(Environment.GetEnvironmentVariable("SCONCE_NATIVE_MISSING"), out int missing))
            return missing;

        context.Terminal.Note($"sconce: {Line(error)}");
        return error is UsageException ? UsageStatus : FailureStatus;
    }

    /// <summary>Whether an input is at fault, so that others may still be asked about.</summary>
    public static bool IsOfInput(Exception error) =>
        error is ImageException or VideoException or DataException or TableException or IOException or UnauthorizedAccessException
            or InvalidDataException;

    /// <summary>The error in words. Where a checkpoint does not fit, its lists of keys follow the first line.</summary>
    public static string Line(Exception error) => error switch
    {
        CheckpointException fault => Advised(Named(fault), fault, '\n'),
        SettingsException { File: null, Setting.Length: > 0 } fault => OneLine(fault.Worded("--" + Setting.KebabOf(fault.Setting))),
        UsageException or TorchException or Export.ExportException or TrainingException => Advised(OneLine(error.Message), error, ' '),
        _ when IsOfInput(error) => Advised(OneLine(error.Message), error, ' '),
        TypeInitializationException { InnerException: { } inner } => Line(inner),
        _ => $"{OneLine(error.Message)} (a fault of Sconce's own; SCONCE_TRACE=1 shows where, for a report)",
    };

    /// <summary>The native part is not there: ./sconce asks to be told so by a status of its choice, builds it, and runs the line
    /// again.</summary>
    private static bool LacksNative(Exception error) =>
        error is TorchNotFoundException || (error is TypeInitializationException { InnerException: { } inner } && LacksNative(inner));

    /// <summary>Its lines are the fault's own; the path is one line, whatever it holds.</summary>
    private static string Named(CheckpointException error) => $"{Printable.Line(error.Path)}: {error.Fault}";

    private static string Advised(string line, Exception error, char between) =>
        Advice.For(error) is { Length: > 0 } words ? $"{line}{between}{words}" : line;

    private static string OneLine(string message) =>
        string.Join(' ', message.Split(['\n', '\r', '\t', ' '], StringSplitOptions.RemoveEmptyEntries));
}
