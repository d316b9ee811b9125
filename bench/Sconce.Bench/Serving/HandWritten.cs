using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.ML.OnnxRuntime;
using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Systems;
using Sconce.Torch;

namespace Sconce.Bench.Serving;

/// <summary>
/// The other side: an endpoint of ASP.NET over one session of ONNX Runtime, without batches. What waits for the session waits in order, one
/// question at a time with all threads: measured here, that serves more and waits less at the worst than questions that share the cores.
/// Photographs are decoded and prepared by the code that Sconce serves with, beside the session.
/// </summary>
internal static class HandWritten
{
    private static readonly string[] Outputs = ["output"];

    internal static async Task Run(string kind, string network, string folder)
    {
        using var options = new Microsoft.ML.OnnxRuntime.SessionOptions
        {
            IntraOpNumThreads = int.Parse(BenchTable.Threads),
            InterOpNumThreads = 1,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        if (Environment.GetEnvironmentVariable("SCONCE_BENCH_SPIN") == "0")
            options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        using var session = new InferenceSession(ServingFiles.Export(network, folder), options);
        bool shares = Environment.GetEnvironmentVariable("SCONCE_BENCH_SHARED") == "1";
        using var turn = new SemaphoreSlim(shares ? 16 : 1);
        if (shares) ThreadPool.SetMinThreads(32, 32);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var app = builder.Build();
        var preparation = Models.Registry.Get(network).Get<ImageClassifier>().Preprocessing;
        long[] shape = [1, .. Networks.InputShape(network)];
        var names = ImageNetClasses.Names;

        async Task<float[]> Ask(float[] values)
        {
            await turn.WaitAsync();
            try
            {
                return await Task.Run(() => Answer(session, values, shape));
            }
            finally
            {
                turn.Release();
            }
        }

        app.MapPost("/tensors", async context =>
        {
            byte[] values = new byte[context.Request.ContentLength!.Value];
            await context.Request.Body.ReadExactlyAsync(values);
            byte[] answer = MemoryMarshal.AsBytes((await Ask(MemoryMarshal.Cast<byte, float>(values).ToArray())).AsSpan()).ToArray();
            context.Response.ContentLength = answer.Length;
            await context.Response.Body.WriteAsync(answer);
        });
        app.MapPost("/photographs", async context =>
        {
            byte[] file = new byte[context.Request.ContentLength!.Value];
            await context.Request.Body.ReadExactlyAsync(file);
            float[] values = await Task.Run(() => Prepared(file, preparation));
            float[] logits = await Ask(values);
            double highest = logits.Max(), sum = logits.Sum(value => Math.Exp(value - highest));
            var best = logits.Select((value, k) => (Name: names[k], Confidence: Math.Exp(value - highest) / sum))
                .OrderByDescending(one => one.Confidence).Take(5);
            using var json = new MemoryStream();
            using (var writer = new Utf8JsonWriter(json))
            {
                writer.WriteStartArray();
                foreach (var (name, confidence) in best)
                {
                    writer.WriteStartObject();
                    writer.WriteString("name", name);
                    writer.WriteNumber("confidence", confidence);
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
            }

            context.Response.ContentType = "application/json";
            await context.Response.Body.WriteAsync(json.ToArray());
        });
        await app.StartAsync();
        await ServedSides.Told(new Uri(app.Urls.First()));
        await app.StopAsync();
    }

    private static float[] Answer(InferenceSession session, float[] values, long[] shape)
    {
        using var input = OrtValue.CreateTensorValueFromMemory(values, shape);
        using var run = new RunOptions();
        using var answers = session.Run(run, session.InputNames, [input], session.OutputNames);
        return MemoryMarshal.Cast<byte, float>(answers[0].GetTensorMutableRawData()).ToArray();
    }

    private static float[] Prepared(byte[] file, ImagePreprocessing preparation)
    {
        using var scope = new TensorScope();
        return preparation.Apply(Image.Decode(file, "photograph")).ToArray<float>();
    }
}
