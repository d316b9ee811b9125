using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sconce.Reports;
using Sconce.Server.Http;
using Sconce.Server.Requests;

namespace Sconce.Server.Pages;

/// <summary>The runs that are served, on one page with their curves, and each one's report: <c>/runs</c>, <c>/runs/NAME</c>.</summary>
internal sealed class RunPages
{
    /// <summary>Where they are.</summary>
    public const string Place = "/runs";

    // They hold what stands in them, fetch nothing, and are no part of this server to a browser: a run may come from elsewhere.
    private const string Policy =
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
        + "frame-ancestors 'none'; sandbox allow-scripts";

    private readonly Dictionary<string, Served> runs;

    /// <summary>Of what is served.</summary>
    public RunPages(IReadOnlyList<Served> served) =>
        runs = served.Where(one => one.Target is { Run: { Run: not null, Configuration: not null }, Method: not null })
            .ToDictionary(one => one.Name, StringComparer.Ordinal);

    /// <summary>Whether a run is served.</summary>
    public bool HasAny => runs.Count > 0;

    /// <summary>Adds the addresses.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Place, List);
        routes.MapGet(Place + "/{**name}", Report);
    }

    private Task List(HttpContext context)
    {
        var listed = runs.Values.Select(one => ListedRun.Read(one.Name, one.Target.Run!, one.Target.Method!))
            .OrderByDescending(run => run.Changed).ToList();
        string title = listed.Count switch
        {
            0 => "No run is served here",
            1 => "One run is served here",
            var count => $"{count} runs are served here",
        };
        return Send(context, Encoding.UTF8.GetBytes(RunsPage.Render(title, listed,
            run => run.Report is null ? null : $"{Place}/{Uri.EscapeDataString(run.Name)}")));
    }

    private Task Report(HttpContext context)
    {
        string name = (string?)context.GetRouteValue("name") ?? "";
        if (!runs.TryGetValue(name, out var one)) throw new RequestException(404, $"no run of that name is served; {Place} names them");
        string page = ListedRun.Read(name, one.Target.Run!, one.Target.Method!).Report
            ?? throw new RequestException(404, $"{name} has no {RunReport.Page} yet: the end of its training writes it, and 'sconce eval'");
        return Send(context, Files.RegularFile.ReadAllBytes(page));
    }

    private static Task Send(HttpContext context, byte[] page)
    {
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.ContentSecurityPolicy = Policy;
        return Responses.Bytes(context, "text/html; charset=utf-8", page);
    }
}
