using System.Text.RegularExpressions;
using Sconce.Catalogue;
using Sconce.Training;
using Xunit;

namespace Sconce.Systems.Tests.Catalogue;

public sealed class VerbTests
{
    private static readonly IReadOnlyList<CatalogueSystem> Systems = Sconce.Systems.Catalogue.Systems;

    [Fact]
    public void A_verb_of_several_systems_has_one_that_is_taken_where_none_is_named()
    {
        foreach (var verb in new AbilityRegistry(Systems).Verbs)
        {
            int able = Systems.Count(system => system.Abilities.Any(ability => ability.Verb == verb));
            int taken = Systems.Count(system => system.DefaultFor.Contains(verb));
            bool ofNetworks = able == 0 && Systems.Any(system => system.ForNetworks.Any(ability => ability.Verb == verb));
            Assert.True(taken == 1 || ((able == 1 || ofNetworks) && taken == 0),
                $"{verb}: {able} systems have it, {taken} say that they are taken");
        }
    }

    [Fact]
    public void An_example_is_what_follows_a_command_and_never_the_command_itself()
    {
        var lines = Systems.SelectMany(system => system.Methods.SelectMany(method => method.Examples)
            .Concat(system.Abilities.Concat(system.ForNetworks).SelectMany(ability => ability.Examples))).Select(example => example.Line);
        Assert.DoesNotContain(lines, line => line.StartsWith("sconce", StringComparison.Ordinal));
    }

    [Fact]
    public void A_setting_that_several_abilities_of_a_verb_have_is_a_switch_in_all_of_them_or_in_none()
    {
        foreach (var verb in new AbilityRegistry(Systems).Verbs)
        {
            var settings = new AbilityRegistry(Systems).Of(verb).SelectMany(ability => ability.Settings.All)
                .GroupBy(setting => setting.Name);
            foreach (var same in settings)
                Assert.True(same.Select(setting => setting.IsSwitch).Distinct().Count() == 1, $"{verb}: {same.Key}");
        }
    }

    /// <summary>Else who types it to have none of it gets the usual number, without a word.</summary>
    [Fact]
    public void A_number_that_somebody_else_decides_where_it_is_left_out_takes_no_none()
    {
        var settings = new MethodRegistry(Systems.SelectMany(system => system.Methods)).All.SelectMany(method => method.Settings.Schema.All)
            .Concat(Systems.SelectMany(system => system.Abilities.Concat(system.ForNetworks)).SelectMany(ability => ability.Settings.All));
        var decided = settings.Where(setting => Regex.IsMatch(setting.Help, "; else|own where left out")
            && setting.Placeholder is "N" or "NUMBER").ToList();
        Assert.True(decided.Count > 20, $"{decided.Count}");
        var open = decided.Where(setting => setting.Range.EndsWith("or none", StringComparison.Ordinal));
        Assert.Empty(open.Select(setting => setting.Option));
    }

    [Fact]
    public void Every_ability_that_needs_weights_fits_a_network_of_its_system()
    {
        foreach (var system in Systems)
        {
            var target = new AbilityTarget(system.Card.Name, system, null);
            foreach (var verb in system.Abilities.Where(ability => ability.NeedsWeights).GroupBy(ability => ability.Verb))
                Assert.True(verb.Any(ability => target.NetworkFor(ability) is not null), $"{system.Card.Name}: nothing can {verb.Key}");
        }
    }
}
