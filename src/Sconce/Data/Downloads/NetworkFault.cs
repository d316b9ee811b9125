namespace Sconce.Data.Downloads;

/// <summary>Faults of a network that may pass: the same is tried again.</summary>
internal static class NetworkFault
{
    /// <summary>Whether a fault may pass.</summary>
    public static bool IsPassing(Exception fault) => fault is HttpRequestException or HttpIOException or OperationCanceledException
        || fault is IOException { InnerException: System.Net.Sockets.SocketException };

    /// <summary>What such a fault comes to, without a full stop.</summary>
    public static string Reason(Exception fault, DownloadOptions options) => fault switch
    {
        OperationCanceledException =>
            $"the server was silent, or sent fewer than {options.LeastRate} bytes a second, for {options.Silence.TotalSeconds:0} s",
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } request =>
            $"the server's name is not known here ({request.Message.TrimEnd('.')}): is there a network?",
        _ => fault.Message.TrimEnd('.'),
    };
}
