//! United States, Canada and Brazil.

use super::{CountryText, city};

pub(super) static UNITED_STATES: CountryText = CountryText {
    name: "United States",
    share: 26,
    first_names: "James, Mary, Robert, Patricia, John, Jennifer, Michael, Linda, David, Elizabeth, \
        William, Barbara, Richard, Susan, Joseph, Jessica, Thomas, Sarah, Charles, Karen, \
        Christopher, Lisa, Daniel, Nancy, Matthew, Sandra, Anthony, Betty, Mark, Ashley, Donald, \
        Emily, Steven, Kimberly, Andrew, Margaret, Paul, Donna, Joshua, Michelle, Kenneth, Carol, \
        Kevin, Amanda, Brian, Melissa, George, Deborah, Timothy, Stephanie, Tyrone, Jasmine, \
        Hector, Aaliyah, Brandon, Latoya, Ethan, Madison, Tyler, Brooke",
    last_names: "Smith, Johnson, Williams, Brown, Jones, Garcia, Miller, Davis, Rodriguez, Martinez, \
        Hernandez, Lopez, Gonzalez, Wilson, Anderson, Thomas, Taylor, Moore, Jackson, Martin, Lee, \
        Perez, Thompson, White, Harris, Sanchez, Clark, Ramirez, Lewis, Robinson, Walker, Young, \
        Allen, King, Wright, Scott, Torres, Nguyen, Hill, Flores, Green, Adams, Nelson, Baker, \
        Hall, Rivera, Campbell, Mitchell, Carter, Roberts, Gomez, Phillips, Evans, Turner, Diaz, \
        Parker, Cruz, Edwards, Collins, Reyes, Stewart, Morris, Morales, Murphy, Cook, Rogers, \
        Gutierrez, Ortiz, Morgan, Cooper, Peterson, Bailey, Reed, Kelly, Howard, Ramos, Kim, Cox, \
        Ward, Richardson, O'Connor, McKenzie",
    legal_forms: "Inc., Inc., Inc., LLC, LLC, Corp., Co., LP",
    domains: "com, com, com, com, io, co, net, ai",
    trades: "Analytics, Logistics, Health, Systems, Partners, Capital, Foods, Energy, Robotics, \
        Software, Labs, Manufacturing, Insurance, Media, Dynamics, Realty, Biosciences, Security",
    phones: "+1212NN#####, +1646NN#####, +1415NN#####, +1312NN#####, +1512NN#####, +1206NN#####, \
        +1617NN#####, +1303NN#####, +1404NN#####, +1713NN#####",
    cities: &[
        city("New York", "New York", 40.7128, -74.006, "100##"),
        city("San Francisco", "California", 37.7749, -122.4194, "941##"),
        city("Chicago", "Illinois", 41.8781, -87.6298, "606##"),
        city("Austin", "Texas", 30.2672, -97.7431, "787##"),
        city("Seattle", "Washington", 47.6062, -122.3321, "981##"),
        city("Boston", "Massachusetts", 42.3601, -71.0589, "021##"),
        city("Denver", "Colorado", 39.7392, -104.9903, "802##"),
        city("Atlanta", "Georgia", 33.749, -84.388, "303##"),
        city("Houston", "Texas", 29.7604, -95.3698, "770##"),
        city("Columbus", "Ohio", 39.9612, -82.9988, "432##"),
    ],
};

pub(super) static CANADA: CountryText = CountryText {
    name: "Canada",
    share: 5,
    first_names: "Liam, Olivia, Noah, Emma, Jacob, Charlotte, Logan, Sophie, Lucas, Chloe, Nathan, \
        Zoe, William, Florence, Owen, Beatrice, Felix, Lea, Thomas, Alice, Xavier, Maeve, Etienne, \
        Gabrielle, Connor, Paige, Mathieu, Genevieve, Ryan, Heather, Antoine, Camille, Grant, \
        Priya, Colin, Simone, Duncan, Marianne, Wei, Aisha, Bruce, Odette, Gordon, Rosalie",
    last_names: "Tremblay, Gagnon, Roy, Côté, Bouchard, Gauthier, Morin, Lavoie, Fortin, Gagné, \
        Ouellet, Pelletier, Bélanger, Lévesque, Bergeron, Leblanc, Paquette, Girard, Simard, \
        Boucher, Smith, Brown, Martin, Campbell, MacDonald, Wilson, Taylor, Anderson, Thompson, \
        Fraser, Stewart, Reid, Ross, Murray, Graham, Hamilton, McLean, Cameron, Grant, Sinclair, \
        Chen, Wong, Singh, Gill, Dhillon, Nguyen, Patel, Kowalchuk, Schmidt, Friesen, Penner, \
        Dueck, Caron, Cloutier, Dubois, Poirier, Desjardins, Lapointe, Beaulieu, Cormier, \
        Arsenault, Landry",
    legal_forms: "Inc., Inc., Ltd., Ltd., Corp., ULC",
    domains: "ca, ca, com, com, io",
    trades: "Resources, Timber, Logistics, Software, Health, Foods, Energy, Mining, Studios, \
        Capital, Aerospace, Fisheries, Conseil, Media",
    phones: "+1416NN#####, +1604NN#####, +1514NN#####, +1613NN#####, +1403NN#####, +1418NN#####",
    cities: &[
        city("Toronto", "Ontario", 43.6532, -79.3832, "M5V 2T6"),
        city("Montréal", "Québec", 45.5017, -73.5673, "H2X 1Y4"),
        city("Vancouver", "British Columbia", 49.2827, -123.1207, "V6B 1A1"),
        city("Calgary", "Alberta", 51.0447, -114.0719, "T2P 1J9"),
        city("Ottawa", "Ontario", 45.4215, -75.6972, "K1P 5M7"),
        city("Halifax", "Nova Scotia", 44.6488, -63.5752, "B3J 3K5"),
    ],
};

pub(super) static BRAZIL: CountryText = CountryText {
    name: "Brazil",
    share: 6,
    first_names: "Miguel, Alice, Arthur, Laura, Gabriel, Helena, Heitor, Valentina, Davi, Sofia, \
        Bernardo, Isabella, Lucas, Manuela, Matheus, Júlia, Pedro, Heloísa, Enzo, Luiza, \
        Guilherme, Lorena, Gustavo, Lívia, Felipe, Giovanna, Rafael, Maria, João, Beatriz, Bruno, \
        Mariana, Thiago, Cecília, Leonardo, Yasmin, Rodrigo, Letícia, Vinícius, Camila, André, \
        Fernanda, Caio, Renata",
    last_names: "Silva, Santos, Oliveira, Souza, Rodrigues, Ferreira, Alves, Pereira, Lima, Gomes, \
        Costa, Ribeiro, Martins, Carvalho, Almeida, Lopes, Soares, Fernandes, Vieira, Barbosa, \
        Rocha, Dias, Nascimento, Andrade, Moreira, Nunes, Marques, Machado, Mendes, Freitas, \
        Cardoso, Ramos, Gonçalves, Santana, Teixeira, Araújo, Pinto, Melo, Cavalcanti, Monteiro, \
        Moura, Correia, Batista, Campos, Castro, Farias, Cunha, Azevedo, Pires, Duarte, Reis, \
        Coelho, Borges, Tavares, Peixoto, Barros, Siqueira, Medeiros, Brandão, Guimarães, Sampaio, \
        Figueiredo",
    legal_forms: "Ltda., Ltda., Ltda., S.A., S.A., EIRELI",
    domains: "com.br, com.br, com.br, com",
    trades: "Tecnologia, Logística, Alimentos, Energia, Engenharia, Consultoria, Saúde, Construtora, \
        Agro, Transportes, Seguros, Sistemas, Mineração",
    phones: "+55119H#######, +55219H#######, +55319H#######, +55419H#######, +55519H#######",
    cities: &[
        city("São Paulo", "São Paulo", -23.5505, -46.6333, "01###-###"),
        city("Rio de Janeiro", "Rio de Janeiro", -22.9068, -43.1729, "20###-###"),
        city("Belo Horizonte", "Minas Gerais", -19.9167, -43.9345, "30###-###"),
        city("Curitiba", "Paraná", -25.4284, -49.2733, "80###-###"),
        city("Porto Alegre", "Rio Grande do Sul", -30.0346, -51.2177, "90###-###"),
        city("Recife", "Pernambuco", -8.0476, -34.877, "50###-###"),
    ],
};
