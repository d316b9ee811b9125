using System.Diagnostics.Metrics;
using Sconce.Server.Serving;

namespace Sconce.Server.Monitoring;

/// <summary>The figures that a server gives away at <c>/metrics</c>.</summary>
internal sealed class ServerMeters : IDisposable
{
    /// <summary>The meter's name, by which OpenTelemetry finds it.</summary>
    public const string Name = "Sconce.Server";

    private static readonly double[] SecondBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

    private readonly Meter meter = new(Name);
    private readonly Counter<long> requests;
    private readonly Histogram<double> seconds, waits;
    private readonly Histogram<int> batches;
    private readonly Counter<long> reviews;

    /// <summary>Makes the instruments.</summary>
    public ServerMeters()
    {
        requests = meter.CreateCounter<long>("sconce_requests", description: "Requests by what was asked and how it ended.");
        var bounds = new InstrumentAdvice<double> { HistogramBucketBoundaries = SecondBounds };
        seconds =
            meter.CreateHistogram("sconce_request_seconds", description: "From a request's headers to its answer's last byte.",
            advice: bounds);
        waits = meter.CreateHistogram("sconce_queue_seconds", description: "How long questions waited for their session.", advice: bounds);
        batches = meter.CreateHistogram(
            "sconce_batch_size",
            description: "Questions that were asked together.",
            advice: new InstrumentAdvice<int> { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64] });
        reviews =
            meter.CreateCounter<long>("sconce_review", description: "Answers that were kept for a person, or could not be (kept=false).");
    }

    /// <summary>A request was answered.</summary>
    public void Answered(string verb, string name, int status, TimeSpan time)
    {
        requests.Add(1, new("verb", verb), new("name", name), new("status", status));
        seconds.Record(time.TotalSeconds, new("verb", verb), new KeyValuePair<string, object?>("name", name));
    }

    /// <summary>An answer was kept for a person, or could not be.</summary>
    public void Reviewed(string name, bool isKept) =>
        reviews.Add(1, new("name", name), new KeyValuePair<string, object?>("kept", isKept ? "true" : "false"));

    /// <summary>Watches a queue.</summary>
    public IQueueWatcher Watcher(string verb, string name) => new QueueMeter(this, new("verb", verb), new("name", name));

    /// <summary>Tells a queue's length.</summary>
    public void Depth(string verb, string name, Func<int> count) => meter.CreateObservableGauge(
        "sconce_queue_depth",
        () => new Measurement<int>(count(), new("verb", verb), new KeyValuePair<string, object?>("name", name)),
        description: "Questions that wait now.");

    /// <summary>Tells how far inputs and confidences have moved from the reference.</summary>
    public void Drift(string verb, string name, string of, Func<double?> index) => meter.CreateObservableGauge(
        "sconce_drift",
        () => index() is { } known
            ? [new Measurement<double>(known, new("verb", verb), new("name", name), new KeyValuePair<string, object?>("of", of))]
            : Array.Empty<Measurement<double>>(),
        description: "Population stability index of the last answers against the reference: above 0.2 they have changed.");

    /// <inheritdoc/>
    public void Dispose() => meter.Dispose();

    private sealed class QueueMeter(ServerMeters meters, KeyValuePair<string, object?> verb, KeyValuePair<string, object?> name)
        : IQueueWatcher
    {
        public void Batched(int size) => meters.batches.Record(size, verb, name);

        public void Waited(TimeSpan time) => meters.waits.Record(time.TotalSeconds, verb, name);
    }
}
