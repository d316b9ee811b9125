using Sconce.Nn;

namespace Sconce.Networks;

/// <summary>What stands in the catalogue for a method whose models are no networks.</summary>
public sealed partial class NoNetwork : Module;
