using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sconce.Abilities;
using Sconce.Server.Answers;
using Sconce.Server.Monitoring;
using Sconce.Server.Requests;
using Sconce.Server.Review;
using Sconce.Server.Serving;

namespace Sconce.Server.Http;

/// <summary>Every ability of what is served at <c>POST /VERB/NAME</c>.</summary>
internal sealed class AbilityEndpoints : IDisposable
{
    private const long DecodedBytes = 1L << 30;
    private readonly ServedCatalogue catalogue;
    private readonly ServerState state;
    private readonly ServerSettings settings;
    private readonly string spool;
    private readonly ReviewQueue? reviews;
    private readonly DecodedMemory memory = new(DecodedBytes);
    private readonly Dictionary<ServedAbility, QuestionReader> readers;
    private readonly Dictionary<ServedAbility, DriftWatch> drifts;

    /// <summary>Over what is served.</summary>
    public AbilityEndpoints(
        ServedCatalogue catalogue,
        ServerState state,
        ServerSettings settings,
        string spool,
        ReviewQueue? reviews,
        IReadOnlyDictionary<ServedAbility, DriftWatch> drifts)
    {
        (this.catalogue, this.state, this.settings, this.spool, this.reviews) = (catalogue, state, settings, spool, reviews);
        readers = catalogue.Abilities.SelectMany(one => one.Ways)
            .ToDictionary(one => one, one => new QuestionReader(one, settings, memory));
        this.drifts = new Dictionary<ServedAbility, DriftWatch>(drifts);
    }

    /// <summary>The settings' JSON schema of one of them.</summary>
    public System.Text.Json.JsonElement Schema(ServedAbility served) => readers[served].Schema;

    /// <summary>Adds the addresses.</summary>
    public void Map(IEndpointRouteBuilder routes) => routes.MapPost("/{verb}/{**name}", Ask);

    /// <inheritdoc/>
    public void Dispose() => memory.Dispose();

    /// <summary>The ability at an address.</summary>
    /// <exception cref="RequestException">There is none.</exception>
    public ServedAbility At(HttpContext context)
    {
        string verb = (string)context.GetRouteValue("verb")!, name = (string?)context.GetRouteValue("name") ?? "";
        if (catalogue.Find(verb, name) is { } found) return found;
        var own = catalogue.Abilities.Where(one => one.Name == name).Select(one => one.Path).ToList();
        string there = own.Count > 0 ? $"{name} is asked at {string.Join(", ", own)}"
            : NearestNames.Suggest($"/{verb}/{name}", catalogue.Abilities.Select(one => one.Path)) is { Length: > 0 } near ? near
            : $"there are {string.Join(", ", catalogue.Abilities.Take(12).Select(one => one.Path))}";
        throw new RequestException(404, $"nothing is asked at /{Shortened(verb)}/{Shortened(name)}: {there}");
    }

    private static string Shortened(string text) => text.Length <= 80 ? text : text[..80] + "…";

    private async Task Ask(HttpContext context)
    {
        var served = At(context);
        Asked.Mark(context, served.Ability.Verb.Name, served.Name);
        state.Refuse();
        using var deadline = new Deadline(context, settings);
        if (served.Others.Count > 0 || served.Ability.AskedBy is not null)
            served = await deadline.Within(cancellation => WayChoice.Of([.. served.Ways], context.Request, cancellation));
        if (served.Queue.Count >= settings.Queue) throw new QueueFullException(TimeSpan.FromSeconds(1));
        var forms = AnswerForms.Of(context.Request);
        using var announcement = served.Queue.Announce();
        using var files = new RequestFiles(spool);
        IDisposable? lease = null;
        try
        {
            var question = await deadline.Within(cancellation => readers[served].Read(context.Request, files, cancellation));
            lease = question.Lease;
            var renderer = new AnswerRenderer(question.Input, question.Name, files);
            if (forms.IsStream) await Streamed(context, served, question, renderer, forms.IsEvents, announcement, deadline);
            else await Whole(context, served, question, renderer, forms, announcement, deadline);
        }
        catch (Exception fault) when (!context.Response.HasStarted && fault is not OperationCanceledException)
        {
            var told = FaultStatus.Of(fault);
            if (told.IsOurs) ServerLog.Failed(context, fault);
            await Responses.Fault(context, told, files);
        }
        finally
        {
            lease?.Dispose();
        }
    }

    private async Task Whole(
        HttpContext context,
        ServedAbility served,
        ReadQuestion question,
        AnswerRenderer renderer,
        AnswerForms forms,
        IDisposable announcement,
        Deadline deadline)
    {
        var asked = served.Queue.Ask(
            new AbilityQuestion(
                question.Input, question.Settings, served.TextOf(question.Settings), (answer, cancellation) =>
                    renderer.Render(answer, forms, cancellation)),
            deadline.Token);
        announcement.Dispose();
        var reply = await deadline.Within(_ => asked);
        var rendered = reply.Rendered ?? renderer.Render(reply.Answer, forms, deadline.Token);
        if (drifts.TryGetValue(served, out var drift)) drift.Saw(question.Input, reply.Answer);
        if (reviews is not null && Doubt.ConfidenceOf(reply.Answer) is { } sure && Doubt.IsUnsure(sure, settings.Review!.Value))
            reviews.Keep(served, question, renderer.Json(reply.Answer, deadline.Token), double.IsNaN(sure) ? 0 : sure);
        if (rendered.File is { } file)
        {
            context.Response.ContentType = rendered.ContentType;
            await context.Response.SendFileAsync(file, deadline.Token);
        }
        else
        {
            await Responses.Bytes(context, rendered.ContentType, rendered.Body);
        }
    }

    private async Task Streamed(
        HttpContext context,
        ServedAbility served,
        ReadQuestion question,
        AnswerRenderer renderer,
        bool isEvents,
        IDisposable announcement,
        Deadline deadline)
    {
        var stream = new AnswerStream(renderer, isEvents);
        var asked = served.Queue.Ask(
            new AbilityQuestion(question.Input, question.Settings, "", stream.Write, IsAlone: true, Progress: stream), deadline.Token);
        announcement.Dispose();
        var ended = asked.ContinueWith(
            _ => stream.End(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        context.Response.Headers.CacheControl = "no-store";
        while (await deadline.Within(cancellation => stream.Pieces.WaitToReadAsync(cancellation).AsTask()))
        {
            context.Response.ContentType ??= stream.ContentType;
            while (stream.Pieces.TryRead(out var piece)) await context.Response.Body.WriteAsync(piece, deadline.Token);
            await context.Response.Body.FlushAsync(deadline.Token);
        }

        await ended;
        try
        {
            await deadline.Within(_ => asked);
        }
        catch (Exception fault) when (context.Response.HasStarted && fault is not OperationCanceledException)
        {
            // The status is sent already: the fault is the stream's last piece.
            await context.Response.Body.WriteAsync(stream.Fault(FaultStatus.Of(fault).Json()), CancellationToken.None);
        }
    }
}
