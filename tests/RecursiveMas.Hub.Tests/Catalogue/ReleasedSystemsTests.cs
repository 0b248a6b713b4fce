namespace RecursiveMas.Hub.Tests;

/// <summary>The catalogue of released systems.</summary>
public class ReleasedSystemsTests
{
    [Fact]
    public void Five_systems_with_nineteen_repositories_of_one_owner()
    {
        Assert.Equal(["sequential_light", "sequential_scaled", "mixture", "distillation", "deliberation"], ReleasedSystems.All.Select(system => system.Name));
        HubRepository[] all = [.. ReleasedSystems.All.SelectMany(system => system.Repositories)];
        Assert.Equal(19, all.Length);
        Assert.Equal(all.Length, all.Distinct().Count());
        Assert.All(all, repository => Assert.StartsWith("RecursiveMAS/", repository.Id, StringComparison.Ordinal));
        Assert.All(ReleasedSystems.All, system => Assert.All(system.Repositories, repository => Assert.Same(system, ReleasedSystems.TryFind(repository))));
    }

    /// <summary>Sizes of files that are known to the byte.</summary>
    [Fact]
    public void Link_sizes_are_those_of_the_released_files()
    {
        Assert.Equal(9_458_829, Agent("sequential_light", "solver").ExpectedInnerLinkBytes);
        Assert.Equal(67_161_229, Agent("mixture", "science").ExpectedInnerLinkBytes);
        Assert.Equal(41_980_117, Link("sequential_light", "outer_12").ExpectedBytes);
        Assert.Equal(65_581_269, Link("deliberation", "outer_rt").ExpectedBytes);
        Assert.Equal(35_686_613, Link("sequential_light", "outer_31").ExpectedBytes);
        Assert.Equal(130_087_125, Link("distillation", "outer_le").ExpectedBytes);
    }

    /// <summary>Sums of base weights that were calculated from published facts, in GB.</summary>
    [Theory]
    [InlineData("sequential_light", 9.0)]
    [InlineData("sequential_scaled", 22.6)]
    [InlineData("mixture", 28.0)]
    [InlineData("distillation", 26.3)]
    [InlineData("deliberation", 16.8)]
    public void Approximate_sizes_are_near_the_sums_of_the_base_models(string name, double gigabytes)
    {
        ReleasedSystem system = ReleasedSystems.TryFind(name)!;
        double bases = system.Agents.Sum(agent => agent.ApproximateBytes - (agent.ExpectedInnerLinkBytes * Math.Max(system.Tasks.Count, 1))) / 1e9;
        Assert.InRange(bases, gigabytes - 0.06, gigabytes + 0.06);
    }

    [Fact]
    public void Links_join_agents_and_have_a_file_for_each_task()
    {
        foreach (ReleasedSystem system in ReleasedSystems.All)
        {
            string[] roles = [.. system.Agents.Select(agent => agent.Role)];
            Assert.Equal(system.Links.Count, system.Links.DistinctBy(link => link.Key).Count());
            Assert.All(system.Links, link => Assert.Contains(link.From, roles));
            Assert.All(system.Links, link => Assert.Contains(link.To, roles));
            Assert.All(system.Links, link => Assert.Equal(system.Tasks.Count == 0 ? [""] : system.Tasks, link.ExpectedFiles.Keys));
            Assert.All(system.Agents, agent => Assert.Equal(system.Tasks.Count == 0 ? [""] : system.Tasks, agent.ExpectedInnerLinks.Keys));
        }
    }

    [Fact]
    public void Licences_name_the_card_and_the_base_model()
    {
        ReleasedSystem light = ReleasedSystems.TryFind("sequential_light")!;
        Assert.Equal("MIT (card), Llama 3.2 Community License (meta-llama/Llama-3.2-1B-Instruct)", light.LicenceOf(light.Agents[1].Repository));
        Assert.Equal("MIT (card)", light.LicenceOf(light.LinkRepository));
    }

    private static ReleasedAgent Agent(string system, string role) => ReleasedSystems.TryFind(system)!.Agents.Single(agent => agent.Role == role);

    private static ReleasedLink Link(string system, string key) => ReleasedSystems.TryFind(system)!.Links.Single(link => link.Key == key);
}
