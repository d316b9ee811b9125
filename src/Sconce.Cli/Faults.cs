using Sconce.Catalogue;
using Sconce.Data;
using Sconce.Imaging;
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

        if (LacksNative(error) && int.TryParse(Environment.GetEnvironmentVariable("SCONCE_NATIVE_MISSING"), out int missing)) return missing;

        context.Terminal.Note($"sconce: {Line(error)}");
        return error is UsageException ? UsageStatus : FailureStatus;
    }

    /// <summary>The error in words. Where a checkpoint does not fit, its lists of keys follow the first line.</summary>
    public static string Line(Exception error) => error switch
    {
        CheckpointException => error.Message,
        UsageException or TorchException or ImageException or VideoException or Export.ExportException or DataException or TrainingException or IOException or UnauthorizedAccessException or InvalidDataException => OneLine(error.Message),
        TypeInitializationException { InnerException: { } inner } => Line(inner),
        _ => $"{OneLine(error.Message)} ({error.GetType().Name}; SCONCE_TRACE=1 shows where)",
    };

    /// <summary>The native part is not there: ./sconce asks to be told so by a status of its choice, builds it, and runs the line again.</summary>
    private static bool LacksNative(Exception error) => error is TorchNotFoundException || (error is TypeInitializationException { InnerException: { } inner } && LacksNative(inner));

    private static string OneLine(string message) => string.Join(' ', message.Split(['\n', '\r', '\t', ' '], StringSplitOptions.RemoveEmptyEntries));
}
