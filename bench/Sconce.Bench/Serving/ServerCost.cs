using System.Diagnostics;
using Sconce.Abilities;
using Sconce.Compilation;
using Sconce.Imaging;
using Sconce.Systems;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Bench.Serving;

/// <summary>What a request costs beside what the session itself takes: one client, one question after the other.</summary>
internal static class ServerCost
{
    private const int Rounds = 2000; // half of them are over before .NET has compiled all for good
    private const int Block = 20;
    private const int Pause = 50; // ms: what one side's threads spin on after their work would be the other's time

    /// <summary>The difference of the medians, in seconds; both are asked by turns, some questions each, the session in the client's
    /// process.</summary>
    internal static Measured Run(string kind, string network, string folder, int questions)
    {
        byte[][] bodies = ServingFiles.Bodies(kind, network, folder, questions);
        using var server = new ServerProcess("sconce", kind, network, folder);
        ServerProcess.Question[] asked = [.. bodies.Select(server.Made)];
        using var session = kind == "tensors" ? new Direct(network, folder) : null;
        using var classifier = kind == "tensors" ? null
            : Classifier.Open(network, ServingFiles.Weights(network, folder), compile: true);
        List<double> served = [], direct = [];
        double difference = 0;
        for (int first = 0; first < Rounds; first += Block)
        {
            double[][] answers = new double[Block][];
            for (int k = 0; k < Block; k++)
            {
                long start = Stopwatch.GetTimestamp();
                answers[k] = server.Ask(asked[(first + k) % bodies.Length]).GetAwaiter().GetResult();
                served.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            }

            Thread.Sleep(Pause);
            for (int k = 0; k < Block; k++)
            {
                byte[] body = bodies[(first + k) % bodies.Length];
                long start = Stopwatch.GetTimestamp();
                double[] own = session is not null ? session.Ask(body)
                    : [.. classifier!.Classify(Picture.Of(Image.Decode(body, "photograph"), "photograph")).Items
                        .Select(label => label.Confidence)];
                direct.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
                difference = Math.Max(difference, answers[k].Zip(own, (a, b) => Math.Abs(a - b)).Max() / own.Max(Math.Abs));
            }

            Thread.Sleep(Pause);
        }

        if (difference > 1e-3) throw new InvalidOperationException($"the server answers {difference} beside the session");
        double Median(List<double> times) => times.Skip(Rounds / 2).Order().ElementAt(Rounds / 4);
        return new Measured { Seconds = Math.Max(1e-9, Median(served) - Median(direct)), Losses = [Median(served), Median(direct)] };
    }

    /// <summary>The compiled network, asked as the server asks it.</summary>
    private sealed class Direct : IDisposable
    {
        private readonly Nn.Module<Tensor, Tensor> network;
        private readonly CompiledModule compiled;
        private readonly long[] shape;

        internal Direct(string name, string folder)
        {
            using (Nn.Init.Skipped()) network = Networks.Create(name);
            ModelWeights.Load(network, ServingFiles.Weights(name, folder));
            network.Eval();
            shape = [1, .. Networks.InputShape(name)];
            using var scope = new TensorScope();
            compiled = network.Compile(Tensor.Zeros(shape), anyBatch: true);
        }

        internal double[] Ask(byte[] body)
        {
            using var scope = new TensorScope();
            using var inference = Gradients.Inference();
            float[] values = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(body).ToArray();
            return [.. compiled.Call(Tensor.From(values, shape)).ToArray<float>().Select(value => (double)value)];
        }

        public void Dispose()
        {
            compiled.Dispose();
            network.Dispose();
        }
    }
}
