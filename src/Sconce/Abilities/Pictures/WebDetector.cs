using Sconce.Export.Web;

namespace Sconce.Abilities;

/// <summary>A detector that a page in a browser can run (<see cref="WebExport"/>); its one exported function gives what
/// <see cref="CentrePoints"/> names.</summary>
/// <param name="Reading">How it is asked: the side that was trained with in pixels, null for the network's own, to the nearest that it
/// takes.</param>
public sealed record WebDetector(Func<int?, CentrePoints> Reading) : Capability;
