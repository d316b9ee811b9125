namespace Sconce.Server.Review;

/// <summary>An answer that a person is to look at.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Asked">When.</param>
/// <param name="Name">Whom.</param>
/// <param name="Verb">What.</param>
/// <param name="File">The picture, under the queue's folder; empty for another input.</param>
/// <param name="Answer">As JSON.</param>
/// <param name="Confidence">Of its surest part.</param>
internal sealed record ReviewItem(long Id, string Asked, string Name, string Verb, string File, string Answer, double Confidence);
