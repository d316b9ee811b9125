using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Sconce.Abilities;
using Sconce.Server.Requests;

namespace Sconce.Server.Answers;

/// <summary>In which forms a client takes an answer, best first: what <c>Accept</c> says.</summary>
internal sealed class AnswerForms
{
    private AnswerForms(IReadOnlyList<string> accepted) => Accepted = accepted;

    /// <summary>Media types and ranges.</summary>
    public IReadOnlyList<string> Accepted { get; }

    /// <summary>Whether it is taken as it goes: lines of JSON, or events.</summary>
    public bool IsStream => Accepted[0] is MediaTypes.JsonLines or MediaTypes.Events or "application/jsonl";

    /// <summary>Whether the stream is one of events.</summary>
    public bool IsEvents => Accepted[0] == MediaTypes.Events;

    /// <summary>Reads the header; without one, all is taken.</summary>
    /// <exception cref="RequestException">It cannot be read.</exception>
    public static AnswerForms Of(HttpRequest request)
    {
        if (request.Headers.Accept.Count == 0) return new AnswerForms(["*/*"]);
        if (!MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var types) || types.Count == 0)
            throw new RequestException(400, "Accept is a list of media types");
        return new AnswerForms([.. types.Where(type => type.Quality is not 0).OrderByDescending(type => type.Quality ?? 1)
            .Select(type => type.MediaType.Value!.ToLowerInvariant()).DefaultIfEmpty("*/*")]);
    }

    /// <summary>The endings of the files that an answer's kind is written as, its own first.</summary>
    /// <param name="answer">A part of the answer.</param>
    /// <param name="input">What was asked about.</param>
    public static IReadOnlyList<string> FilesOf(Answer answer, IInput? input) => answer switch
    {
        MadePicture or MadePictures => [".png", ".jpg", ".webp"],
        Boxes when input is Picture => [".jpg", ".png", ".webp"],
        Tracks => [".txt", ".jsonl", ".csv"],
        MadeClip { IsClear: true } => [".webm"],
        MadeClip => [".mp4", ".webm", ".gif"],
        MadeText => [".txt"],
        _ => AnswerFiles.ExtensionOf(answer, input) is { Length: > 0 } extension ? [extension] : [],
    };
}
