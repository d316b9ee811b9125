using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Sconce.Cli.Tests;

/// <summary>The plainest of static servers: it knows pages, scripts and styles, and calls all else bytes.</summary>
internal sealed class FolderServer : IDisposable
{
    private readonly HttpListener listener;
    private readonly string folder;

    private FolderServer(HttpListener listener, string folder, Uri address) =>
        (this.listener, this.folder, Address) = (listener, folder, address);

    public Uri Address { get; }

    /// <summary>Paths that were asked for.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    public static FolderServer Of(string folder)
    {
        while (true)
        {
            using var free = new TcpListener(IPAddress.Loopback, 0);
            free.Start();
            var address = new Uri($"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/");
            free.Stop();
            var listener = new HttpListener();
            listener.Prefixes.Add(address.ToString());
            try
            {
                listener.Start();
            }
            catch (HttpListenerException)
            {
                continue;    // somebody was faster
            }

            var server = new FolderServer(listener, folder, address);
            _ = server.Serve();
            return server;
        }
    }

    public void Dispose() => listener.Close();

    private async Task Serve()
    {
        while (true)
        {
            try
            {
                var context = await listener.GetContextAsync();
                await Answer(context);
            }
            catch (Exception fault) when (fault is HttpListenerException or ObjectDisposedException)
            {
                if (!listener.IsListening) return;
            }
        }
    }

    private async Task Answer(HttpListenerContext context)
    {
        string path = context.Request.Url!.AbsolutePath.TrimStart('/');
        Asked.Enqueue(path);
        string file = Path.Combine(folder, path.Length == 0 ? "index.html" : path);
        using var response = context.Response;
        response.ContentType = Path.GetExtension(file) switch
        {
            ".html" => "text/html",
            ".js" => "text/javascript",
            ".css" => "text/css",
            ".svg" => "image/svg+xml",
            _ => "application/octet-stream",
        };
        if (!File.Exists(file)) response.StatusCode = 404;
        else await response.OutputStream.WriteAsync(await File.ReadAllBytesAsync(file));
    }
}
