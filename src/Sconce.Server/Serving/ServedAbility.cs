using System.Text;
using System.Text.Json;
using Sconce.Abilities;

namespace Sconce.Server.Serving;

/// <summary>One question to an ability.</summary>
/// <param name="Input">What is asked about; prepared.</param>
/// <param name="Settings">A record of the ability's schema.</param>
/// <param name="SettingsText">The record as JSON: equal texts may be asked together.</param>
/// <param name="Render">Makes of the answer what is sent; called where the answer may still be read.</param>
/// <param name="IsAlone">Whether it is asked alone: it is sent as it goes.</param>
/// <param name="Progress">Told of long work; for a question that is asked alone.</param>
internal sealed record AbilityQuestion(
    IInput Input,
    object Settings,
    string SettingsText,
    Func<IAnswer, CancellationToken, RenderedAnswer> Render,
    bool IsAlone = false,
    IProgress<WorkProgress>? Progress = null);

/// <summary>What is sent: bytes, or a file.</summary>
/// <param name="ContentType">Its type.</param>
/// <param name="Body">The bytes; empty for what was sent as it went.</param>
internal sealed record RenderedAnswer(string ContentType, ReadOnlyMemory<byte> Body)
{
    /// <summary>The file that is sent instead of the bytes; whoever sends it deletes it with its folder.</summary>
    public string? File { get; init; }
}

/// <summary>An answer, and what is sent of it where that had to be made at once.</summary>
/// <param name="Answer">The answer.</param>
/// <param name="Rendered">Made by the worker, for answers that are read once; null for others.</param>
internal sealed record AbilityReply(IAnswer Answer, RenderedAnswer? Rendered);

/// <summary>An ability of one of the served, with its session behind a queue.</summary>
internal sealed class ServedAbility : IDisposable
{
    private readonly Session session;

    /// <summary>Opens it.</summary>
    public ServedAbility(string name, Ability ability, Session session, ServerSettings settings, IQueueWatcher? watcher)
    {
        (Name, Ability, this.session) = (name, ability, session);
        var limits =
            new QueueLimits(settings.Queue, settings.Batch ?? Math.Max(1, session.BatchSize), TimeSpan.FromMilliseconds(settings.Wait));
        Queue = new BatchQueue<AbilityQuestion, AbilityReply>($"{ability.Verb}/{name}", limits, Answer, AreTogether, watcher);
    }

    /// <summary>Whose it is.</summary>
    public string Name { get; }

    /// <summary>What it does.</summary>
    public Ability Ability { get; }

    /// <summary>Where it is asked: <c>/classify/run1</c>.</summary>
    public string Path => $"/{Ability.Verb}/{Name}";

    /// <summary>Other ways in which its verb is done at the same address, chosen by what is asked
    /// (<see cref="Requests.WayChoice"/>).</summary>
    public List<ServedAbility> Others { get; } = [];

    /// <summary>All ways at its address, this one first.</summary>
    public IEnumerable<ServedAbility> Ways => Others.Prepend(this);

    /// <summary>What waits for it.</summary>
    public BatchQueue<AbilityQuestion, AbilityReply> Queue { get; }

    /// <summary>A record's JSON, by which equal ones are known.</summary>
    public string TextOf(object settings)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream)) Ability.Settings.WriteJson(writer, settings);
        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Queue.Dispose();
        session.Dispose();
        foreach (var other in Others) other.Dispose();
    }

    private static bool AreTogether(AbilityQuestion first, AbilityQuestion second) =>
        !first.IsAlone && !second.IsAlone && first.SettingsText == second.SettingsText;

    private IReadOnlyList<AbilityReply> Answer(IReadOnlyList<AbilityQuestion> questions, CancellationToken cancellation)
    {
        var answers =
            session.Answer([.. questions.Select(question => question.Input)], questions[0].Settings, questions[0].Progress, cancellation);
        return [.. questions.Select((question, k) => Reply(question, answers[k], cancellation))];
    }

    /// <summary>What is made while it is read is read here, where nobody else asks the session.</summary>
    private static AbilityReply Reply(AbilityQuestion question, IAnswer answer, CancellationToken cancellation) =>
        new(answer, question.IsAlone || answer.Parts.Any(part => IsReadOnce(part.Part)) ? question.Render(answer, cancellation) : null);

    private static bool IsReadOnce(Answer answer) => answer is Tracks or MadePictures or MadeClip;
}
