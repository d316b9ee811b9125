#:sdk Microsoft.NET.Sdk.Web
#:project ../src/Sconce.Systems/Sconce.Systems.csproj
#:property PublishAot=false

// A classifier behind HTTP: dotnet run web.cs -- --run RUN, then curl --data-binary @photo.jpg http://localhost:5000/classify
using System.Text.Json;
using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Systems;

var builder = WebApplication.CreateBuilder(args);
if (builder.Configuration["run"] is not { } run)
{
    Console.Error.WriteLine("usage: dotnet run web.cs -- --run RUN [--urls http://localhost:5000]");
    return 2;
}

builder.Services.AddSingleton(_ => Classifier.Open(run, compile: true));   // several requests may ask it at once
var app = builder.Build();

app.MapPost("/classify", async (HttpRequest request, ClassifierSession classifier, CancellationToken cancellation) =>
{
    using var body = new MemoryStream();
    await request.Body.CopyToAsync(body, cancellation);
    try
    {
        var answer = classifier.Classify(Picture.Of(body.ToArray(), "the request's picture"));
        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            AnswerJson.Write(writer, answer);
            writer.WriteEndObject();
        }

        return Results.Bytes(json.ToArray(), "application/json");
    }
    catch (ImageException fault)
    {
        return Results.Text(fault.Message, statusCode: StatusCodes.Status415UnsupportedMediaType);
    }
});
app.Run();
return 0;
