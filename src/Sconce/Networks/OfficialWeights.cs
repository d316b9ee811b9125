namespace Sconce.Networks;

/// <summary>Weights as their authors publish them.</summary>
/// <param name="Address">Where they are downloaded.</param>
/// <param name="Sha256">Their checksum in hexadecimal; its first digits where only those are published; empty where unknown.</param>
/// <param name="Licence">What their authors permit: <c>MIT</c>, <c>CC-BY-NC 4.0</c>, or <c>not stated</c>.</param>
/// <param name="Note">The training, the accuracy published, what is not verified here.</param>
public sealed record OfficialWeights(Uri Address, string Sha256 = "", string Licence = "not stated", string Note = "");
