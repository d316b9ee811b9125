using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Sconce.Server.Http;

/// <summary>What goes into the log: a line a request, and faults of the server's own.</summary>
internal static partial class ServerLog
{
    /// <summary>The category.</summary>
    public const string Category = "Sconce.Server";

    /// <summary>A fault of the server's own.</summary>
    public static void Failed(HttpContext context, Exception fault) =>
        Failed(Of(context.RequestServices), fault, context.Request.Method, context.Request.Path, context.TraceIdentifier);

    /// <summary>The logger.</summary>
    public static ILogger Of(IServiceProvider services) => services.GetRequiredService<ILoggerFactory>().CreateLogger(Category);

    /// <summary>A request that was answered.</summary>
    [LoggerMessage(Level = LogLevel.Information, Message = "{Method} {Path} {Status} in {Milliseconds} ms ({Trace})")]
    public static partial void Answered(ILogger logger, string method, string path, int status, double milliseconds, string trace);

    /// <summary>The server listens.</summary>
    [LoggerMessage(Level = LogLevel.Information, Message = "listening at {Address}")]
    public static partial void Listening(ILogger logger, string address);

    /// <summary>It is told to stop.</summary>
    [LoggerMessage(Level = LogLevel.Information, Message = "stopping: {Active} requests are finished first")]
    public static partial void Stopping(ILogger logger, int active);

    /// <summary>Something that the server remembers could not be written.</summary>
    [LoggerMessage(Level = LogLevel.Warning, Message = "{What} could not be kept: {Fault}")]
    public static partial void NotKept(ILogger logger, string what, string fault);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed ({Trace})")]
    private static partial void Failed(ILogger logger, Exception fault, string method, string path, string trace);
}
