using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;
using Scalar.AspNetCore;
using Sconce.Server.Answers;
using Sconce.Server.Http;
using Sconce.Server.Kserve;
using Sconce.Server.Monitoring;
using Sconce.Server.Pages;
using Sconce.Server.Review;
using Sconce.Server.Serving;

namespace Sconce.Server;

/// <summary>
/// Serves runs, networks and systems over HTTP: every ability at <c>POST /VERB/NAME</c>, KServe's protocol at <c>/v2</c>, an OpenAPI
/// document, figures, and pages.
/// </summary>
/// <example>
/// <code>
/// await using var server = SconceServer.Open([Served.Of(Catalogue.Systems, "run1")], new ServerSettings { Port = 8080 });
/// await server.RunAsync();
/// </code>
/// </example>
public sealed class SconceServer : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ServedCatalogue catalogue;
    private readonly ServerMeters meters;
    private readonly AbilityEndpoints abilities;
    private readonly ReviewQueue? reviews;
    private readonly RunPages runs;
    private readonly ServerState state = new();
    private readonly ServerSettings settings;
    private readonly ILogger logger;
    private readonly string spool;
    private readonly Guard guard;

    private SconceServer(IReadOnlyList<Served> served, ServerSettings settings, Action<ILoggingBuilder>? logging)
    {
        this.settings = settings;
        guard = new Guard(settings);
        meters = new ServerMeters();
        app = Application(settings, logging);
        logger = ServerLog.Of(app.Services);
        // The name is not to be guessed, and the folder is this user's alone.
        spool = Directory.CreateTempSubdirectory("sconce-serve-").FullName;
        try
        {
            catalogue = ServedCatalogue.Open(served, settings, meters);
            if (settings.Review is not null) reviews = new ReviewQueue(Path.Combine(settings.State, "review"), meters, logger);
        }
        catch
        {
            Directory.Delete(spool, recursive: true);
            catalogue?.Dispose();
            meters.Dispose();
            throw;
        }

        abilities = new AbilityEndpoints(catalogue, state, settings, spool, reviews, Drifts(served));
        runs = new RunPages(served);
        Map();
    }

    /// <summary>The address that is listened at, once it runs; its port is known then.</summary>
    public Uri Address => new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>What is asked where.</summary>
    public IReadOnlyList<string> Paths => [.. catalogue.Abilities.Select(served => served.Path)];

    /// <summary>Opens what is served; nothing listens yet.</summary>
    /// <param name="served">Runs, networks and systems, with their weights.</param>
    /// <param name="settings">Where it listens and how much it takes on; the defaults where left out.</param>
    /// <param name="logging">Where its log goes; JSON on the error stream where left out.</param>
    /// <exception cref="SettingsException">A setting is out of its range, or others could reach it without a key.</exception>
    /// <exception cref="UsageException">Something cannot be served: its weights are missing, or it has nothing to be asked.</exception>
    public static SconceServer Open(IReadOnlyList<Served> served, ServerSettings? settings = null,
        Action<ILoggingBuilder>? logging = null) =>
        new(served, ServerSettings.Schema.Verified(settings ?? new ServerSettings()), logging);

    /// <summary>Listens.</summary>
    /// <exception cref="IOException">The port is taken.</exception>
    public async Task StartAsync(CancellationToken cancellation = default)
    {
        await app.StartAsync(cancellation);
        string address = Address.ToString();
        ServerLog.Listening(logger, address);
    }

    /// <summary>Listens until the process is told to stop (SIGTERM, Ctrl-C), then finishes what was taken on.</summary>
    /// <param name="listening">Told of the address.</param>
    /// <param name="cancellation">Stops it as well.</param>
    public async Task RunAsync(Action<Uri>? listening = null, CancellationToken cancellation = default)
    {
        await StartAsync(cancellation);
        listening?.Invoke(Address);
        await app.WaitForShutdownAsync(cancellation);
    }

    /// <summary>Takes nothing new, finishes what was taken on, and stops.</summary>
    public Task StopAsync(CancellationToken cancellation = default) => Task.Run(() => app.StopAsync(cancellation), CancellationToken.None);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        catalogue.Dispose();
        if (reviews is not null) await reviews.DisposeAsync();
        abilities.Dispose();
        meters.Dispose();
        if (Directory.Exists(spool)) Directory.Delete(spool, recursive: true);
    }

    private static WebApplication Application(ServerSettings settings, Action<ILoggingBuilder>? logging)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = [] });
        builder.Logging.ClearProviders();
        (logging ?? ToErrorStream)(builder.Logging);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            if (settings.Listen == "*") kestrel.ListenAnyIP(settings.Port);
            else kestrel.Listen(settings.Address, settings.Port);
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = (long)(settings.Body * (1 << 20));
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(60);
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(settings.Deadline + 5));
        builder.Services.AddOpenTelemetry()
            .WithMetrics(metrics =>
            metrics.AddMeter(ServerMeters.Name).AddPrometheusExporter(exporter => exporter.ScrapeResponseCacheDurationMilliseconds = 0));
        return builder.Build();
    }

    private static void ToErrorStream(ILoggingBuilder logging) => logging.AddJsonConsole().Services
        .Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console =>
            console.LogToStandardErrorThreshold = LogLevel.Trace);

    private Dictionary<ServedAbility, DriftWatch> Drifts(IReadOnlyList<Served> served)
    {
        var drifts = new Dictionary<ServedAbility, DriftWatch>();
        foreach (var ability in catalogue.Abilities)
        {
            var one = served.First(known => known.Name == ability.Name);
            string folder = one.Target.Run is null
                ? Path.Combine(settings.State, one.Name.Replace('/', '-')) : Path.Combine(one.Target.Name, "serving");
            var watch = drifts[ability] = new DriftWatch(Path.Combine(folder, $"{ability.Ability.Verb}.drift.json"), logger);
            for (int k = 0; k < DriftWatch.Watched.Count; k++)
            {
                int watched = k;
                meters.Drift(ability.Ability.Verb.Name, ability.Name, DriftWatch.Watched[k], () => watch.Index(watched));
            }
        }

        return drifts;
    }

    private void Map()
    {
        app.Lifetime.ApplicationStopping.Register(Drain);
        app.Use(Watch);
        app.UseRouting();
        app.MapPrometheusScrapingEndpoint();
        byte[] document = OpenApiDocument.Write(catalogue, abilities.Schema, settings.Key is not null);
        app.MapGet("/openapi/v1.json", context => Responses.Json(context, document));
        app.MapScalarApiReference(options =>
        {
            options.OpenApiRoutePattern = "/openapi/v1.json";
            options.DefaultFonts = false;
            options.Telemetry = false;
            options.ShowDeveloperTools = DeveloperToolsVisibility.Never;   // they, the agent and the client lead out of this machine
            options.Agent = new ScalarAgentOptions { Disabled = true };
            options.HideClientButton = true;
        });
        new KserveEndpoints(catalogue, state, settings).Map(app);
        new ReviewEndpoints(reviews).Map(app);
        new Page(catalogue, abilities.Schema, settings, runs.HasAny).Map(app);
        runs.Map(app);
        abilities.Map(app);
    }

    /// <summary>
    /// What is in the house is finished while newcomers are refused with a word, and told to close their connection; only then is the
    /// port given up, so that nobody finds a connection cut.
    /// </summary>
    private void Drain()
    {
        state.Drain();
        ServerLog.Stopping(logger, state.Active);
        var patience = Stopwatch.StartNew();
        TimeSpan linger = TimeSpan.FromMilliseconds(250), longest = TimeSpan.FromSeconds(settings.Deadline);
        while (patience.Elapsed < linger || (state.Active > 0 && patience.Elapsed < longest)) Thread.Sleep(10);
    }

    /// <summary>Around every request: who may ask, faults, figures, the log.</summary>
    private async Task Watch(HttpContext context, RequestDelegate next)
    {
        using var stay = state.Enter();
        long began = Stopwatch.GetTimestamp();
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        if (!state.IsReady) context.Response.Headers.Connection = "close";
        int status;
        try
        {
            guard.Admit(context.Request);
            await next(context);
            if (context.Response is { StatusCode: 404 or 405, HasStarted: false }) await Responses.Fault(context, Nowhere(context));
            status = context.Response.StatusCode;
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            status = FaultStatus.ClientClosed;
        }
        catch (OperationCanceledException) when (context.Response.HasStarted)
        {
            // A stream whose time is over: its end cannot be told any more but by its connection.
            context.Abort();
            status = StatusCodes.Status504GatewayTimeout;
        }
        catch (Exception fault) when (!context.Response.HasStarted)
        {
            var told = FaultStatus.Of(fault);
            if (told.IsOurs) ServerLog.Failed(context, fault);
            await Responses.Fault(context, told);
            status = told.Status;
        }

        var time = Stopwatch.GetElapsedTime(began);
        if (Asked.Of(context) is { } asked) meters.Answered(asked.Verb, asked.Name, status, time);
        if (logger.IsEnabled(LogLevel.Information))
        {
            double milliseconds = Math.Round(time.TotalMilliseconds, 3);
            string path = context.Request.Path;
            ServerLog.Answered(logger, context.Request.Method, path, status, milliseconds, context.TraceIdentifier);
        }
    }

    private static FaultStatus Nowhere(HttpContext context) => context.Response.StatusCode == 405
        ? new FaultStatus(405, $"{context.Request.Path} is not asked by {context.Request.Method}: the header Allow says how")
        : new FaultStatus(404, $"there is nothing at {context.Request.Path}: / shows what is served, /openapi/v1.json says it to programs");
}
