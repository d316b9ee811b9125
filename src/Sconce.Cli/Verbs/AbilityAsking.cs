using Sconce.Abilities;
using Sconce.Cli.Progress;

namespace Sconce.Cli.Verbs;

/// <summary>Asks a session about many inputs: the next ones are read while the network answers, and a broken one does not stop the
/// others.</summary>
internal sealed class AbilityAsking(CommandContext context, AnswerSink sink, bool skipsBroken)
{
    /// <summary>Asks about all inputs.</summary>
    /// <returns>The exit status: 0, or 1 where an input was broken and was not to be skipped.</returns>
    public int Run(Session session, IReadOnlyList<IInput> inputs, object settings, ProgressDisplay progress)
    {
        int broken = 0, done = 0;
        var cancellation = context.Cancellation;
        var next = Prepare(inputs, 0, session.BatchSize, cancellation);
        for (int first = 0; first < inputs.Count; first += session.BatchSize)
        {
            cancellation.ThrowIfCancellationRequested();
            var (good, faults) = next.GetAwaiter().GetResult();
            next = Prepare(inputs, first + session.BatchSize, session.BatchSize, cancellation);
            foreach (var (input, fault) in faults)
            {
                // One input is one answer: it fails as a whole.
                if (inputs.Count == 1 && !skipsBroken) throw fault;
                sink.TakeFault(input.Name, Faults.Line(fault));
                broken++;
            }

            if (good.Count > 0)
            {
                var answers = session.Answer(good, settings, progress, cancellation);
                for (int k = 0; k < good.Count; k++)
                {
                    try
                    {
                        sink.Take(good[k], answers[k], cancellation);
                    }
                    catch (Exception fault) when (IsFoundLate(fault) && (inputs.Count > 1 || skipsBroken))
                    {
                        sink.TakeFault(good[k].Name, Faults.Line(fault));
                        broken++;
                        done--;
                    }
                }
            }

            done += good.Count;
            if (inputs.Count > 1) progress.Report(new WorkProgress("asking", done + broken, inputs.Count));
        }

        if (broken > 0)
            context.Terminal.Note($"sconce: {broken} of {inputs.Count} could not be read{(skipsBroken ? " and were left out" : "")}");
        return broken > 0 && !skipsBroken ? Cli.Faults.FailureStatus : 0;
    }

    /// <summary>Whether it is an input's fault that shows as the answer is read: of a clip that ends in the middle, say.</summary>
    internal static bool IsFoundLate(Exception error) =>
        Cli.Faults.IsOfInput(error) && error is not (IOException or UnauthorizedAccessException);

    /// <summary>Reads some inputs, on as many threads as there are cores.</summary>
    /// <returns>Those that are read, in their order, and the others with what is wrong.</returns>
    internal static (List<IInput> Good, List<(IInput Input, Exception Fault)> Broken) Read(
        IReadOnlyList<IInput> inputs, CancellationToken cancellation)
    {
        var faults = new Exception?[inputs.Count];
        Parallel.For(0, inputs.Count,
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellation }, k =>
        {
            try
            {
                inputs[k].Prepare();
            }
            catch (Exception fault) when (Cli.Faults.IsOfInput(fault))
            {
                faults[k] = fault;
            }
        });
        return ([.. inputs.Where((_, k) => faults[k] is null)],
            [.. inputs.Select((input, k) => (input, faults[k]!)).Where(pair => pair.Item2 is not null)]);
    }

    private static Task<(List<IInput> Good, List<(IInput Input, Exception Fault)> Broken)> Prepare(
        IReadOnlyList<IInput> inputs, int first, int count, CancellationToken cancellation) =>
        Task.Run(() => Read([.. inputs.Skip(first).Take(count)], cancellation), cancellation);
}
