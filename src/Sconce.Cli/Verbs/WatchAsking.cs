using System.Globalization;
using Sconce.Abilities;
using Sconce.Torch;

namespace Sconce.Cli.Verbs;

/// <summary>Asks a session about the pictures of folders that grow, each once it is whole, until it is stopped.</summary>
/// <param name="folders">Where pictures come.</param>
/// <param name="ability">What is asked.</param>
/// <param name="sink">Takes the answers.</param>
/// <param name="patience">How long a picture that cannot be read is waited for, from its last change on.</param>
internal sealed class WatchAsking(WatchedFolders folders, Ability ability, AnswerSink sink, TimeSpan patience)
{
    private const int LookShare = 9;   // of the time a tenth at most is spent with looking
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>How many were answered.</summary>
    public int Answered { get; private set; }

    /// <summary>How many were given up.</summary>
    public int Broken { get; private set; }

    /// <summary>Looks and asks until it is cancelled, which is a good end.</summary>
    /// <param name="session">The ability's.</param>
    /// <param name="settings">Of its schema.</param>
    /// <param name="known">Pictures with answers of an earlier watch.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="IOException">An answer cannot be written.</exception>
    public void Run(Session session, object settings, IReadOnlySet<string>? known, CancellationToken cancellation)
    {
        try
        {
            while (!cancellation.IsCancellationRequested)
            {
                long began = TimeProvider.System.GetTimestamp();
                var ready = folders.Look(known);
                var took = TimeProvider.System.GetElapsedTime(began);
                known = null;
                foreach (string[] batch in ready.Chunk(session.BatchSize)) Ask(session, batch, settings, cancellation);
                cancellation.WaitHandle.WaitOne(took * LookShare > Pause ? took * LookShare : Pause);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // What was in hand has no answer, and is asked about by the next watch.
        }
    }

    private void Ask(Session session, IReadOnlyList<string> paths, object settings, CancellationToken cancellation)
    {
        var (good, faults) = AbilityAsking.Read([.. paths.Select(ability.InputOf)], cancellation);
        foreach (var (input, fault) in faults)
        {
            // Its size may stand still while a slow line brings the rest.
            if (folders.Unchanged(input.Name) < patience) continue;
            string waited = patience.TotalSeconds.ToString(CultureInfo.InvariantCulture);
            GiveUp(input, $"{Faults.Line(fault)}; unchanged for {waited} s, it is given up");
        }

        if (good.Count == 0) return;
        try
        {
            var answers = session.Answer(good, settings, progress: null, cancellation);
            for (int k = 0; k < good.Count; k++) Take(good[k], answers[k], cancellation);
        }
        catch (Exception fault) when (IsOfPicture(fault) && good.Count == 1)
        {
            GiveUp(good[0], Faults.Line(fault));
        }
        catch (Exception fault) when (IsOfPicture(fault))
        {
            // One by one, so that a fault is its own picture's.
            foreach (var input in good) Ask(session, [input.Name], settings, cancellation);
        }
    }

    private void Take(IInput input, IAnswer answer, CancellationToken cancellation)
    {
        try
        {
            sink.Take(input, answer, cancellation);
        }
        catch (Exception fault) when (AbilityAsking.IsFoundLate(fault))
        {
            GiveUp(input, Faults.Line(fault));
            return;
        }

        folders.Done(input.Name);
        Answered++;
    }

    private void GiveUp(IInput input, string fault)
    {
        folders.Done(input.Name);
        Broken++;
        sink.TakeFault(input.Name, fault);
    }

    private static bool IsOfPicture(Exception error) => AbilityAsking.IsFoundLate(error) || error is TorchException;
}
