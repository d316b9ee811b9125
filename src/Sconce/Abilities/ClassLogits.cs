namespace Sconce.Abilities;

/// <summary>What all networks have whose answers are of classes: of a picture, a sound, a pixel, an object.</summary>
public interface IHasClasses
{
    /// <summary>How many its official weights tell apart.</summary>
    int Classes { get; }

    /// <summary>The key of the layer that gives them, which another number of classes replaces and fine-tuning leaves out; empty where
    /// it cannot be replaced.</summary>
    string Head { get; }
}

/// <summary>Gives logits of classes, <c>(N, Classes)</c>, of what no ability here asks it about yet, such as sound and video
/// together.</summary>
/// <param name="Classes">Of its official weights.</param>
/// <param name="Head">The key of the layer that gives the logits; empty where it cannot be replaced.</param>
public sealed record ClassLogits(int Classes, string Head = "") : Capability, IHasClasses;
