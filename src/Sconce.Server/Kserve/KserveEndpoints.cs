using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sconce.Server.Http;
using Sconce.Server.Requests;
using Sconce.Server.Serving;

namespace Sconce.Server.Kserve;

/// <summary>The networks themselves by KServe's Open Inference Protocol, version 2, at <c>/v2</c>.</summary>
internal sealed class KserveEndpoints(ServedCatalogue catalogue, ServerState state, ServerSettings settings)
{
    private const string HeadLength = "Inference-Header-Content-Length";

    /// <summary>Adds the addresses.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v2", context => Responses.Json(context, KserveJson.Server(ServerState.Version)));
        routes.MapGet("/v2/health/live", context => Responses.Json(context, KserveJson.State("live", true)));
        routes.MapGet("/v2/health/ready", context =>
            Responses.Json(context, KserveJson.State("ready", state.IsReady), state.IsReady ? 200 : 503));
        foreach (string version in (string[])["", "/versions/{version}"])
        {
            routes.MapGet($"/v2/models/{{name}}{version}", context => Responses.Json(context, KserveJson.Model(Network(context))));
            routes.MapGet($"/v2/models/{{name}}{version}/ready", context =>
                Responses.Json(context, KserveJson.State("ready", state.IsReady, Network(context).Name), state.IsReady ? 200 : 503));
            routes.MapPost($"/v2/models/{{name}}{version}/infer", Infer);
        }
    }

    private ServedNetwork Network(HttpContext context)
    {
        string name = (string)context.GetRouteValue("name")!;
        if (context.GetRouteValue("version") is string version && version != "1")
            throw new RequestException(404, $"there is version 1 of {name} alone");
        return catalogue.Networks.FirstOrDefault(network => network.Name == name)
            ?? throw new RequestException(404,
                $"no network '{name}' is served. {NearestNames.Suggest(name, catalogue.Networks.Select(one => one.Name))}".TrimEnd());
    }

    private async Task Infer(HttpContext context)
    {
        var network = Network(context);
        Asked.Mark(context, "infer", network.Name);
        state.Refuse();
        if (network.Queue.Count >= settings.Queue) throw new QueueFullException(TimeSpan.FromSeconds(1));
        using var announcement = network.Queue.Announce();
        using var deadline = new Deadline(context, settings);
        var request = await deadline.Within(async cancellation =>
        {
            int? head = context.Request.Headers.TryGetValue(HeadLength, out var text)
                ? int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int known)
                    ? known : throw new RequestException(400, $"{HeadLength} is a number of bytes")
                : null;
            using var body = await RentedBody.Read(context.Request, cancellation);
            return InferRequest.Read(body.Bytes, head, network);
        });
        var answer = network.Queue.Ask(request.Question, deadline.Token);
        announcement.Dispose();
        var reply = await deadline.Within(_ => answer);
        request.GiveBack();
        byte[] json = KserveJson.Answer(request.Id, network.Name, reply, request.IsBinary);
        if (!request.IsBinary)
        {
            await Responses.Json(context, json);
            return;
        }

        context.Response.ContentType = "application/octet-stream";
        context.Response.Headers[HeadLength] = json.Length.ToString(CultureInfo.InvariantCulture);
        byte[] all = [.. json, .. MemoryMarshal.AsBytes(reply.Values.AsSpan())];
        context.Response.ContentLength = all.Length;
        await context.Response.Body.WriteAsync(all, context.RequestAborted);
    }
}
