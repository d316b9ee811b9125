namespace System.Runtime.CompilerServices;

/// <summary>netstandard2.0 lacks the mark that init-only properties need.</summary>
internal static class IsExternalInit
{
}
